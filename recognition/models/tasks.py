"""The registry of tasks: what each kind of model recognizes, and how its results are named and shown.

A new task is one entry in `TASKS`. A program registers a task of its own with `register_task`; an installed
package does so for every command and server with an entry point of the group `recognition.tasks`.

The texts are English, marked with `_` for extraction; a site looks up their translations.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from typing import Final, Literal

from recognition.folders import PERCEIVED_GENDER, Variable

ENTRY_POINTS: Final = "recognition.tasks"

# What a model looks at: an image to find faces in, each face, or the complete image.
Scope = Literal["detector", "face", "image"]


def _(text: str) -> str:
    """Mark a text for translation, and return it unchanged."""
    return text


@dataclass(frozen=True, slots=True)
class LabelSet:
    """A choice among the labels of a task's models: its name in pickers, and the labels in order."""

    title: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One kind of model.

    `name` is the `task` of its cards and on the wire. Raises ValueError where fields are missing or
    contradict each other.
    """

    name: str
    title: str
    scope: Scope
    # By label; a label without a name is shown as it is. Sites may have further names, such as of places.
    label_names: Mapping[str, str] = field(default_factory=dict)
    label_sets: Mapping[str, LabelSet] = field(default_factory=dict)
    # What a result is called where there are no faces to number ("Sign"), and the label that replaces it
    # below the model's threshold: a face always has an expression, an image may show none of the labels.
    subject: str = ""
    unknown: str = ""
    # The metric and split by which its models are ordered, the best first; the first is the default.
    ranked_by: tuple[str, str] | None = None
    # Whether live frames are cropped to the guide square, and what the live page asks the visitor to do.
    guided: bool = False
    hint: str = ""
    # False: for images and videos only.
    live: bool = True
    # Whether each result repeats the title: "Perceived gender: a man" is no statement about anybody's gender.
    titled_results: bool = False
    # The environment variable with which the operator allows it; None where no permission is needed.
    permission: Variable | None = None

    def __post_init__(self) -> None:
        if self.scope == "image" and not (self.subject and self.unknown in self.label_names):
            raise ValueError(f"the task {self.name!r} needs a subject, and the name of its unknown label")
        if self.scope != "image" and (self.subject or self.unknown or self.guided):
            raise ValueError(f"the task {self.name!r} is not for complete images, which its fields describe")


DEFAULT_TASK: Final = Task(
    name="emotion",
    title=_("Facial expressions"),
    scope="face",
    label_names={
        "angry": _("Angry"),
        "disgust": _("Disgust"),
        "fear": _("Fear"),
        "happy": _("Happy"),
        "sad": _("Sad"),
        "surprise": _("Surprise"),
        "neutral": _("Neutral"),
        "contempt": _("Contempt"),
    },
    label_sets={
        "fer7": LabelSet(
            _("7 (FER2013)"), ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
        ),
        "fer5": LabelSet(_("5 (no disgust, fear)"), ("angry", "happy", "sad", "surprise", "neutral")),
        "ferplus8": LabelSet(
            _("8 (with contempt)"),
            ("neutral", "happy", "surprise", "sad", "angry", "disgust", "fear", "contempt"),
        ),
    },
    ranked_by=("accuracy fer7", "PublicTest"),
)
FACE_DETECTOR: Final = Task(name="face_detector", title=_("Face detection"), scope="detector")

# By name, in the order in which models are offered. A site needs models of the first task and the last.
TASKS: Final[dict[str, Task]] = {
    task.name: task
    for task in (
        DEFAULT_TASK,
        Task(
            name="places",
            title=_("Places"),
            scope="image",
            label_names={"unknown_place": _("Unknown place")},
            subject=_("Place"),
            unknown="unknown_place",
        ),
        Task(
            name="hand_signs",
            title=_("Hand signs"),
            scope="image",
            label_names={"no_sign": _("No sign")},
            subject=_("Sign"),
            unknown="no_sign",
            guided=True,
            hint=_(
                "Hold up one hand so that it fills the square, against a plain background. “No sign” means"
                " that no sign was recognized with enough confidence."
            ),
        ),
        Task(
            name="scenes",
            title=_("Scenes"),
            scope="image",
            label_names={
                "buildings": _("Buildings"),
                "forest": _("Forest"),
                "glacier": _("Glacier"),
                "mountain": _("Mountain"),
                "sea": _("Sea"),
                "street": _("Street"),
                "unknown_scene": _("Unknown scene"),
            },
            subject=_("Scene"),
            unknown="unknown_scene",
        ),
        Task(
            name="perceived_gender",
            title=_("Perceived gender"),
            scope="face",
            label_names={"men": _("a man"), "women": _("a woman")},
            # Passers-by in front of a camera have not consented.
            live=False,
            titled_results=True,
            permission=PERCEIVED_GENDER,
        ),
        FACE_DETECTOR,
    )
}

# The labels of every task's label sets.
LABEL_SETS: Final[dict[str, tuple[str, ...]]] = {
    name: label_set.labels for task in TASKS.values() for name, label_set in task.label_sets.items()
}


def register_task(task: Task) -> None:
    """Add a task to the registry of this process; raise ValueError where its name or a label set is taken."""
    if task.name in TASKS or not LABEL_SETS.keys().isdisjoint(task.label_sets):
        raise ValueError(f"the task {task.name!r} or one of its label sets is registered already")
    TASKS[task.name] = task
    LABEL_SETS.update({name: label_set.labels for name, label_set in task.label_sets.items()})


@cache
def register_installed_tasks() -> None:
    """Register the tasks of installed packages; a second call has nothing to do."""
    for task in [entry_point.load() for entry_point in entry_points(group=ENTRY_POINTS)]:
        register_task(task)


def permitted_tasks() -> frozenset[str]:
    """Name the tasks that need the operator's permission and have it."""
    return frozenset(task.name for task in TASKS.values() if task.permission and task.permission.is_on)
