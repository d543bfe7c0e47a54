/** Tasks as a page's registry describes them. */
const FACES = { frame_level: false, label_sets: false, subject: "", uncertain: "Uncertain", guided: false, titled_results: false };
const FRAMES = { ...FACES, frame_level: true };

export const TASKS = {
  emotion: { ...FACES, name: "emotion", title: "Facial expressions", label_sets: true },
  places: { ...FRAMES, name: "places", title: "Places", subject: "Place", uncertain: "Unknown place" },
  hand_signs: { ...FRAMES, name: "hand_signs", title: "Hand signs", subject: "Sign", uncertain: "No sign", guided: true },
  scenes: { ...FRAMES, name: "scenes", title: "Scenes", subject: "Scene", uncertain: "Unknown scene" },
  perceived_gender: { ...FACES, name: "perceived_gender", title: "Perceived gender", titled_results: true },
};
