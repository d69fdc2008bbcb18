"""What a query costs, before it runs and after: objects cost one point, connections two and their share.

Shopify publishes the rules for objects and mutations, and that connections go by their size; how it scales
them is measured (first: 250 with one object inside each node: 25 points in all), not documented.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
)
from graphql.execution.values import VariableValues, get_argument_values

MUTATION = 10
CONNECTION = 2
Composite = GraphQLObjectType | GraphQLInterfaceType


def scaled(count: int) -> float:
    """How many objects a connection of this size is charged for."""
    return min(count, max(1, round(2 * math.log(count)))) if count > 0 else 0


@dataclass(frozen=True)
class Costing:
    """One operation of a document with its variables."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues

    def requested(self) -> int:
        """The estimate, from the arguments alone."""
        return self._total(lambda kind, field: self._root_of(kind, field, None))

    def actual(self, data: Mapping[str, Any] | None) -> int:
        """The charge, from what was found."""
        found = data or {}
        return self._total(lambda kind, field: self._root_of(kind, field, (found.get(_key(field)),)))

    def _total(self, cost: Callable[[Composite, FieldNode], float]) -> int:
        root = self.schema.get_root_type(self.operation.operation)
        assert root is not None
        return math.ceil(sum(cost(root, field) for field in self._fields(root, self.operation.selection_set)))

    def _root_of(self, kind: Composite, field: FieldNode, found: tuple[Any] | None) -> float:
        if self.operation.operation is OperationType.MUTATION:
            return MUTATION
        return self._field(kind, field, found)

    def _field(self, kind: Composite, field: FieldNode, found: tuple[Any] | None) -> float:
        """`found` is what the field answered, None before it is known."""
        if field.name.value.startswith("__") or field.selection_set is None:
            return 0
        definition = kind.fields[field.name.value]
        inner = get_named_type(definition.type)
        assert isinstance(inner, Composite)
        if inner.name.endswith("Connection"):
            return self._connection(kind, field, inner, found)
        values = [None] if found is None else _as_list(found[0])
        each = (self._object(inner, field, None if found is None else (value,)) for value in values)
        return sum(each)

    def _object(self, kind: Composite, field: FieldNode, found: tuple[Any] | None) -> float:
        assert field.selection_set is not None
        own = 0 if kind.name == "PageInfo" else 1
        return own + self._below(kind, field.selection_set, found)

    def _below(self, kind: Composite, selections: SelectionSetNode, found: tuple[Any] | None) -> float:
        content = found[0] if found and isinstance(found[0], dict) else {}
        return sum(
            self._field(parent, field, None if found is None else (content.get(_key(field)),))
            for parent, field in self._fields_with_kind(kind, selections)
        )

    def _connection(
        self, kind: Composite, field: FieldNode, page: Composite, found: tuple[Any] | None
    ) -> float:
        if found is None:
            arguments = get_argument_values(kind.fields[field.name.value], field, self.variables)
            size = arguments.get("first") or arguments.get("last") or 0
            return CONNECTION + scaled(size) * self._node(page, field, None)
        nodes = _nodes(found[0], self._node_keys(page, field))
        costs = [self._node(page, field, (node,)) for node in nodes]
        return CONNECTION + (scaled(len(costs)) * sum(costs) / len(costs) if costs else 0)

    def _node(self, page: Composite, field: FieldNode, found: tuple[Any] | None) -> float:
        """What one node of the connection costs."""
        assert field.selection_set is not None
        cost = 1.0
        for part in self._fields(page, field.selection_set):
            kind = get_named_type(page.fields[part.name.value].type) if part.selection_set else None
            if part.name.value == "nodes" and isinstance(kind, Composite):
                assert part.selection_set is not None
                cost += self._below(kind, part.selection_set, found)
            elif part.name.value == "edges" and isinstance(kind, Composite):
                cost += self._node_of_edge(kind, part, found)
        return cost

    def _node_of_edge(self, edge: Composite, part: FieldNode, found: tuple[Any] | None) -> float:
        assert part.selection_set is not None
        for field in self._fields(edge, part.selection_set):
            kind = get_named_type(edge.fields[field.name.value].type)
            if field.selection_set is not None and isinstance(kind, Composite):
                return self._below(kind, field.selection_set, found)
        return 0

    def _node_keys(self, page: Composite, field: FieldNode) -> list[tuple[str, str | None]]:
        """Under which keys of the answer the nodes are: `nodes`, or `edges` and `node`, or their aliases."""
        assert field.selection_set is not None
        keys: list[tuple[str, str | None]] = []
        for part in self._fields(page, field.selection_set):
            if part.name.value == "nodes":
                keys.append((_key(part), None))
            elif part.name.value == "edges" and part.selection_set is not None:
                inner = [_key(one) for one in self._fields(page, part.selection_set) if one.selection_set]
                keys.append((_key(part), inner[0] if inner else ""))
        return keys

    def _fields(self, kind: Composite, selections: SelectionSetNode) -> Iterator[FieldNode]:
        return (field for _, field in self._fields_with_kind(kind, selections))

    def _fields_with_kind(
        self, kind: Composite, selections: SelectionSetNode
    ) -> Iterator[tuple[Composite, FieldNode]]:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                yield kind, node
                continue
            fragment = self.fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
            assert isinstance(fragment, InlineFragmentNode | FragmentDefinitionNode)
            condition = fragment.type_condition
            inner = self.schema.get_type(condition.name.value) if condition else kind
            assert isinstance(inner, Composite)
            yield from self._fields_with_kind(inner, fragment.selection_set)


def _nodes(page: Any, keys: list[tuple[str, str | None]]) -> list[Any]:
    for outer, inner in keys:
        found = (page or {}).get(outer)
        if found:
            return [one.get(inner) if inner else one for one in found] if inner is not None else found
    return []


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _key(field: FieldNode) -> str:
    return field.alias.value if field.alias else field.name.value
