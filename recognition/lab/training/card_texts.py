"""What a card says about limits and terms where its recipe says nothing."""

EMOTION_LIMITS = (
    "Classifies what an expression looks like to the people who labeled FER2013; it does not read feelings.",
    "The figures are for the named data; accuracy is lower on webcam images, side views and covered faces.",
    "FER2013's labels are noisy: people who rated its images agreed with them on about 65 %.",
    "FER2013 has no data about the people shown: differences between groups of people are not measured.",
    "fer5 predictions come from the same model: disgust and fear are left out and the rest is renormalized.",
)
FER2013_LICENCE = (
    "Weights: AGPL-3.0-or-later, like the program. Trained on FER2013, Kaggle competition data for research: "
    "check its terms before any other use."
)
LICENCE = (
    "Weights: AGPL-3.0-or-later, like the program. Check the terms of the training data before any other use."
)
DETECTOR_LIMITS = (
    "A small network: faces under 32 px and full profiles are often missed.",
    "Measured on images of at most 448 px; not measured by skin color, age or sex.",
)
DETECTOR_LICENCE = (
    "Code and network: AGPL-3.0-or-later (ultralytics). Check the terms of the training data before any "
    "other use."
)
