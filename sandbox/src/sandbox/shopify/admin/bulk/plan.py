"""From the text of a bulk query to a plan that turns objects into lines without the GraphQL machinery.

Validation is the library's own; only what it answers for a million objects is worked out in advance.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    parse,
    validate,
)
from graphql.execution.values import get_argument_values

from sandbox.shopify.admin.context import Context
from sandbox.shopify.admin.reading import CONNECTIONS, FIELDS
from sandbox.shopify.admin.sdl import SCHEMA

MOST_CONNECTIONS = 5
DEEPEST = 2
Build = Callable[[Any, Context], Any]


class InvalidBulkQuery(ValueError):
    """The query is none that could run in bulk; the text says why."""


@dataclass
class Plan:
    """How one object becomes a line, and which connections below it become lines of their own."""

    build: Build
    nested: list["Nested"] = field(default_factory=list)
    has_id: bool = False

    @property
    def connections(self) -> int:
        return len(self.nested) + sum(nested.plan.connections for nested in self.nested)

    @property
    def depth(self) -> int:
        return max((1 + nested.plan.depth for nested in self.nested), default=0)


@dataclass
class Nested:
    """A connection: where its objects come from, and the plan of each."""

    objects: Callable[[Any, Context], Iterator[Any]]
    plan: Plan


def plan_query(text: str) -> Nested:
    """The plan of a whole query; raises InvalidBulkQuery."""
    try:
        document = parse(text)
    except GraphQLError as error:
        raise InvalidBulkQuery(f"Invalid bulk query: {error.message}") from error
    if problems := validate(SCHEMA, document):
        raise InvalidBulkQuery(f"Invalid bulk query: {problems[0].message}")
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) != 1 or operations[0].operation is not OperationType.QUERY:
        raise InvalidBulkQuery("Invalid bulk query: exactly one query operation is expected.")
    fragments = {
        node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
    assert SCHEMA.query_type is not None
    root = _Planner(fragments).plan(SCHEMA.query_type, operations[0].selection_set)
    return _checked(root)


def _checked(root: Plan) -> Nested:
    if len(root.nested) != 1:
        raise InvalidBulkQuery("Bulk queries must contain at least one connection, and one at the top level.")
    if root.connections > MOST_CONNECTIONS:
        raise InvalidBulkQuery(f"Bulk queries cannot contain more than {MOST_CONNECTIONS} connections.")
    if root.depth - 1 > DEEPEST:
        raise InvalidBulkQuery(f"Bulk queries cannot contain connections with nesting depth above {DEEPEST}.")
    _check_ids(root.nested[0].plan)
    return root.nested[0]


def _check_ids(plan: Plan) -> None:
    if plan.nested and not plan.has_id:
        raise InvalidBulkQuery(
            "The parent 'node' field for a nested connection must select the 'id' field without an alias "
            "and must be of 'ID' return type."
        )
    for nested in plan.nested:
        _check_ids(nested.plan)


class _Planner:
    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments

    def plan(self, kind: GraphQLObjectType, selections: SelectionSetNode) -> Plan:
        """The plan of an object: its own fields, and the connections directly on it."""
        builders: dict[str, Build] = {}
        nested: list[Nested] = []
        has_id = False
        for node in self._fields(kind, selections):
            name = node.name.value
            if name in CONNECTIONS.get(kind.name, {}):
                nested.append(self._nested(kind, node))
                continue
            has_id = has_id or (name == "id" and node.alias is None)
            builders[node.alias.value if node.alias else name] = self._builder(kind, node)
        return Plan(_object_builder(builders), nested, has_id)

    def _nested(self, kind: GraphQLObjectType, node: FieldNode) -> Nested:
        name, arguments = node.name.value, get_argument_values(kind.fields[node.name.value], node)
        source = CONNECTIONS[kind.name][name]
        page = get_named_type(kind.fields[name].type)
        assert isinstance(page, GraphQLObjectType)
        inner, selections = self._node_selections(page, node)
        return Nested(lambda obj, ctx: iter(source(obj, ctx, arguments)), self.plan(inner, selections))

    def _node_selections(
        self, page: GraphQLObjectType, node: FieldNode
    ) -> tuple[GraphQLObjectType, SelectionSetNode]:
        """The selections on the connection's nodes, written as `nodes` or as `edges { node }`."""
        assert node.selection_set is not None
        for found in self._fields(page, node.selection_set):
            kind = get_named_type(page.fields[found.name.value].type)
            if found.name.value == "edges":
                assert isinstance(kind, GraphQLObjectType)
                return self._node_selections(kind, found)
            if found.name.value in ("nodes", "node"):
                assert isinstance(kind, GraphQLObjectType)
                assert found.selection_set is not None
                return kind, found.selection_set
        raise InvalidBulkQuery("Bulk queries must select the nodes of every connection.")

    def _builder(self, kind: GraphQLObjectType, node: FieldNode) -> Build:
        name = node.name.value
        if name == "__typename":
            return lambda _obj, _ctx: kind.name
        definition, resolver = kind.fields[name], FIELDS.get(kind.name, {}).get(name)
        if resolver is None:
            raise InvalidBulkQuery(f"Field '{name}' cannot be queried in bulk.")
        arguments = get_argument_values(definition, node)
        convert = self._converter(definition, node)

        def build(obj: Any, ctx: Context) -> Any:
            value = resolver(obj, ctx, arguments)
            return None if value is None else convert(value, ctx)

        return build

    def _converter(self, definition: GraphQLField, node: FieldNode) -> Build:
        inner = get_named_type(definition.type)
        is_list = isinstance(get_nullable_type(definition.type), GraphQLList)
        place = "a list field" if is_list else "an object"
        convert = _leaf(inner) if isinstance(inner, GraphQLLeafType) else self._inside(inner, node, place)
        if is_list:
            return lambda values, ctx: [convert(value, ctx) for value in values]
        return convert

    def _inside(self, kind: GraphQLNamedType, node: FieldNode, place: str) -> Build:
        """An object within an object; connections below it are more than a bulk query can do."""
        if not isinstance(kind, GraphQLObjectType) or node.selection_set is None:
            raise InvalidBulkQuery("Bulk queries cannot select interfaces.")
        plan = self.plan(kind, node.selection_set)
        if plan.nested:
            raise InvalidBulkQuery(
                f"Queries that contain a connection field within {place} are not currently supported."
            )
        return plan.build

    def _fields(self, kind: GraphQLObjectType, selections: SelectionSetNode) -> Iterator[FieldNode]:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition.name.value if node.type_condition else kind.name
                if condition == kind.name:
                    yield from self._fields(kind, node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                yield from self._fields(kind, self._fragments[node.name.value].selection_set)


def _leaf(kind: GraphQLLeafType) -> Build:
    return lambda value, _ctx: kind.coerce_output_value(value)


def _object_builder(builders: dict[str, Build]) -> Build:
    pairs = list(builders.items())

    def build(obj: Any, ctx: Context) -> dict[str, Any]:
        return {name: builder(obj, ctx) for name, builder in pairs}

    return build
