"""The errors that `jsonschema` reports for data that `jsonschema_rs` has refused.

Loading it takes half as long as all of a `validate` that finds nothing, so this is imported only where there is
something to explain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

import jsonschema_rs
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import Draft202012Validator, extend

from moothall.source import Route


class SchemaError(NamedTuple):
    """One keyword of a schema that one value does not satisfy.

    `keyword` is None where the schema is `false`, and `keyword_value` the keyword's value; `schema` is the part that
    has the keyword. Where a key is no name (`propertyNames`), `instance` is the key and `route` leads to its mapping.
    """

    route: Route
    keyword: str | None
    keyword_value: Any
    instance: Any
    schema: Any
    of_name: bool


def schema_errors(schema: dict[str, Any], data: object) -> Iterator[SchemaError]:
    """Yield every error in the data; of alternatives (`anyOf`, `oneOf`) that of the one that was probably meant."""
    for error in _ExplainingValidator(schema).iter_errors(data):
        best_error: Any = best_match([error])
        route, of_name = tuple(best_error.absolute_path), "propertyNames" in best_error.absolute_schema_path
        yield SchemaError(
            route, best_error.validator, best_error.validator_value, best_error.instance, best_error.schema, of_name
        )


def _check_by_deciding_library(keyword: str) -> Callable[..., Iterator[ValidationError]]:
    """Return the check of a keyword by the library that decided, so that both are of one mind about it."""

    def check(validator: object, value: object, instance: object, schema: object) -> Iterator[ValidationError]:
        if not _deciding_validator(keyword, value).is_valid(instance):
            yield ValidationError(f"{keyword} is not satisfied")

    return check


@cache
def _deciding_validator(keyword: str, value: object) -> Any:
    return jsonschema_rs.validator_for({keyword: value}, validate_formats=True)


_ExplainingValidator = extend(  # type: ignore[no-untyped-call]  # its types say nothing about it
    Draft202012Validator,
    # Python's `$` also matches before a last line break, and its check for unique items may take quadratic time.
    {keyword: _check_by_deciding_library(keyword) for keyword in ("format", "pattern", "uniqueItems")},
)
