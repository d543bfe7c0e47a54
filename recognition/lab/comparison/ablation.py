"""The two ablations of the CBAM-ResNet paper: the loss, and the order of attention."""

from recognition.lab.comparison.entrant import Budget, Entrant, short_name

SOFTMAX = ("loss.kind=softmax", "network.arguments.head=linear")
A_SOFTMAX = ("loss.kind=a_softmax", "network.arguments.head=angular")
# name -> what it sets; the second is the paper's own network, and stands in both ablations.
VARIANTS = {
    "softmax": (*SOFTMAX, "network.arguments.attention_order=channel_first"),
    "a_softmax-channel_first": (*A_SOFTMAX, "network.arguments.attention_order=channel_first"),
    "a_softmax-spatial_first": (*A_SOFTMAX, "network.arguments.attention_order=spatial_first"),
    "a_softmax-parallel": (*A_SOFTMAX, "network.arguments.attention_order=parallel"),
    "a_softmax-none": (*A_SOFTMAX, "network.arguments.attention_order=none"),
}
NOTES = (
    "Loss: softmax against a_softmax-channel_first, which differ in nothing else.",
    "Order of attention: the four networks with A-Softmax; none is the same network without attention.",
    (
        "The CBAM-ResNet paper reports on FER2013, after 300 epochs and with ten crops: softmax .731; "
        "A-Softmax .735 with the channel first, .734 with the spatial attention first, .732 in parallel."
    ),
    "One training each: a difference within the intervals, or within what another seed gives, shows nothing.",
)


def read_variants(recipe_name: str, budget: Budget) -> tuple[Entrant, ...]:
    """One recipe in every variant, all else alike."""
    return tuple(
        Entrant(name, f"{short_name(recipe_name)} ({name})", budget.applied(recipe_name, overrides))
        for name, overrides in VARIANTS.items()
    )
