"""What a visitor may choose: one of the served models, one of its label sets, a quality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from emoweb.live.protocol import ChangeSettings, Hello, ModelOffer, TextRefused
from recognition import DEFAULT_QUALITY, Card, Engine, Head


@dataclass(frozen=True, slots=True)
class Choice:
    """A possible combination."""

    card: Card
    label_set: str
    quality: str

    @property
    def head(self) -> Head:
        """The model's list of labels that the label set is a view of, as stored in the history."""
        return self.card.head_of(self.label_set)

    def continues(self, before: Choice) -> bool:
        """Whether a session recorded with `before` can be recorded with this: same model, same labels."""
        return self.card == before.card and self.head == before.head


def live_models(engine: Engine) -> tuple[Card, ...]:
    """Return the models available for live recognition, the default first."""
    return tuple(card for card in engine.catalogue if card.task_definition.live)


def default_choice(models: Sequence[Card]) -> Choice:
    """Return the choice of a visitor who requests nothing."""
    return Choice(models[0], models[0].label_sets[0], DEFAULT_QUALITY)


def choose(models: Sequence[Card], now: Choice, requested: Hello | ChangeSettings) -> Choice:
    """Return `now` changed by what is wished.

    A label set that is not mentioned stays where the model has it. Raises TextRefused: unknown_model,
    unknown_labels.
    """
    card = now.card if requested.model is None else _card_named(models, requested.model)
    return Choice(card, _label_set(card, now, requested.label_set), requested.quality or now.quality)


def offers(models: Sequence[Card]) -> tuple[ModelOffer, ...]:
    """Return the served models as `welcome` lists them."""
    return tuple(ModelOffer(card.name, card.title, card.task, card.label_sets) for card in models)


def _card_named(models: Sequence[Card], name: str) -> Card:
    for card in models:
        if card.name == name:
            return card
    raise TextRefused("unknown_model")


def _label_set(card: Card, now: Choice, wished: str | None) -> str:
    if wished is None:
        return now.label_set if now.label_set in card.label_sets else card.label_sets[0]
    if wished not in card.label_sets:
        raise TextRefused("unknown_labels")
    return wished
