"""Options that come in groups: a dataclass whose fields become options of a verb.

    @with_group("acting", Acting)
    def verb(inputs: ..., *, acting: Acting) -> None: ...

The verb gets one value of the class; its command line gets an option for each of the fields.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from typing import Any, get_type_hints


def with_group(parameter: str, group: type[Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A verb with an option for every field of the dataclass `group` in the place of its `parameter`."""
    hints = get_type_hints(group, include_extras=True)
    options = [inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default,
                                 annotation=hints[field.name]) for field in fields(group)]

    def grouped(verb: Callable[..., Any]) -> Callable[..., Any]:
        own = inspect.signature(verb, eval_str=True).parameters
        kept = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own.values()
                if one.name != parameter]

        @wraps(verb)
        def run(**given: Any) -> Any:
            value = group(**{option.name: given.pop(option.name) for option in options})
            return verb(**given, **{parameter: value})

        parameters = [*kept, *options]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        return run

    return grouped
