"""What users are told of an endpoint that does not answer: what it said, without the key, and what to do."""

from __future__ import annotations

from collections.abc import Iterable

from llm_envs.access import Key
from llm_envs.errors import EndpointRefused, ModelUnavailable, Outage, UnknownModel, did_you_mean
from llm_envs.policies.endpoint.answers import Refusal

__all__ = ["Complaints"]

_AGAIN = "See to the server, then give the same command again: what was answered is kept."


class Complaints:
    """About one endpoint."""

    def __init__(self, place: str, key: Key) -> None:
        self._place = place
        self._key = key

    def nobody_there(self, reason: str) -> Outage:
        """Not even the list of models can be had."""
        return Outage(
            f"nobody answers at {self._place}",
            expected="an OpenAI-compatible server",
            received=self._key.hide(reason),
            next_step="Start the server, or check the address; servers print it when they are ready.",
        )

    def unknown_model(self, model: str, known: Iterable[str]) -> UnknownModel:
        """It has others."""
        return UnknownModel(
            f"{self._place} has no model {model!r}",
            expected="a model that the endpoint has",
            received=model,
            next_step=did_you_mean(model, known),
        )

    def no_answer(self, reason: str, tries: int) -> ModelUnavailable:
        """One question went unanswered, however often it was asked."""
        return ModelUnavailable(
            f"{self._place} gave no answer in {tries} tries", received=self._key.hide(reason), next_step=_AGAIN
        )

    def called_wrong(self, refusal: Refusal) -> ModelUnavailable:
        """One question is called wrong."""
        return ModelUnavailable(
            f"{self._place} calls the question wrong (status {refusal.status})",
            received=self._key.hide(refusal.message),
        )

    def refused(self, refusal: Refusal) -> EndpointRefused:
        """No question will be answered."""
        return EndpointRefused(
            f"{self._place} refuses to answer (status {refusal.status})",
            received=self._key.hide(refusal.message),
            next_step=self._advice(refusal.status),
        )

    def _advice(self, status: int) -> str:
        if status < 400:
            return "Give the address that it has moved to, if you trust it."
        advice = {
            401: self._key.advice,
            403: self._key.advice,
            402: "Pay, or ask another endpoint.",
            404: "Check the model's name, and how the address ends: often in /v1.",
            405: "Check how the address ends: often in /v1.",
            429: "The quota is used up: pay, or ask another endpoint.",
        }
        return advice.get(status, "Ask for what this model takes: look at the sampling options.")

    def no_ids(self) -> EndpointRefused:
        """Episodes at the token level cannot be played with it."""
        return EndpointRefused(
            f"{self._place} gives no token ids, which episodes at the token level need",
            expected="token_ids beside the text, as vLLM and SGLang give them for return_token_ids",
            next_step="Leave the tokenizer out to play at the turn level, or serve the model with vLLM.",
        )

    def strange_ids(self) -> ModelUnavailable:
        """It has sampled what the tokenizer does not know, as models with a padded vocabulary may."""
        return ModelUnavailable(
            f"{self._place} gives token ids that the tokenizer does not have",
            next_step="If it does so often, pass the model's own --tokenizer.",
        )

    def other_prompt(self) -> EndpointRefused:
        """It changed the tokens that it was sent."""
        return EndpointRefused(
            f"{self._place} does not continue the tokens that it was sent",
            next_step="Serve the model so that prompts of token ids stay as they are.",
        )
