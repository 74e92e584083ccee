"""A LiteRT file (`.tflite`) from outside, checked before an interpreter sees it, and written anew.

An interpreter trusts its file: indices, sizes and buffers that do not belong together make it read
and write where it should not. So every one is checked, and what goes on is a file of our own
writing, of the parts that were checked. What a network needs to fit a task (another shape or scale,
a softmax) is added to it as ordinary operations.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.errors import InvalidInput
from core.importing.matching import Adaptation
from core.importing.uploaded import refused_parts

# Plain arithmetic on tensors: no control flow, no variables, no tables, nothing custom, and nothing
# that takes an index from the data.
_OPERATIONS = """
    ABS ADD AVERAGE_POOL_2D BATCH_MATMUL BROADCAST_TO CAST CONCATENATION CONV_2D DEPTHWISE_CONV_2D
    DEQUANTIZE DIV ELU EXP EXPAND_DIMS FILL FULLY_CONNECTED GELU HARD_SWISH L2_NORMALIZATION
    LEAKY_RELU LOG LOGISTIC LOG_SOFTMAX MAXIMUM MAX_POOL_2D MEAN MINIMUM MUL NEG PACK PAD PADV2 POW
    PRELU QUANTIZE REDUCE_MAX REDUCE_MIN RELU RELU6 RELU_N1_TO_1 RESHAPE RESIZE_BILINEAR
    RESIZE_NEAREST_NEIGHBOR RSQRT SHAPE SLICE SOFTMAX SPLIT SPLIT_V SQRT SQUARE SQUARED_DIFFERENCE
    SQUEEZE STRIDED_SLICE SUB SUM TANH TILE TRANSPOSE TRANSPOSE_CONV UNPACK
"""
OPERATIONS = frozenset(_OPERATIONS.split())
MAX_TENSORS, MAX_OPERATIONS = 3_000, 2_000
MAX_SIZE = 10_000_000  # of one tensor, in numbers
# All that one example makes on its way, in numbers. 500 go at a time.
MAX_ACTIVATIONS = 1_000_000
_DAMAGED = "The LiteRT file is damaged: its parts do not belong together."


def read_checked(data: bytes, *, max_numbers: int) -> Any:
    """Returns the network in a LiteRT file, as an object of the file's schema.

    Args:
        data: the file.
        max_numbers: as many weights as it may have.

    Raises:
        InvalidInput: if it is damaged, uses operations that are not known to be harmless, or is
            larger than a network for these tasks can be.
    """
    from ai_edge_litert import schema_py_generated as schema

    try:
        model = schema.ModelT.InitFromPackedBuf(data, 0)
        _check(model, schema, max_numbers)
    except InvalidInput:
        raise
    except Exception as error:  # a foreign file can be wrong in any way
        raise InvalidInput(_DAMAGED) from error
    return model


def shapes_of(model: Any) -> tuple[tuple[int | None, ...], tuple[int | None, ...]]:
    """Returns the shapes of input and output without the batch."""
    graph = model.subgraphs[0]
    found = []
    for place in (graph.inputs[0], graph.outputs[0]):
        tensor = graph.tensors[place]
        sizes = _signature(tensor)
        found.append(tuple(None if size < 0 else size for size in sizes[1:]))
    return found[0], found[1]


def operation_names(model: Any) -> list[str]:
    """Returns the operations, in order."""
    from ai_edge_litert import schema_py_generated as schema

    names = _names(schema)
    return [
        names[_code(model.operatorCodes[each.opcodeIndex])] for each in model.subgraphs[0].operators
    ]


def weight_count(model: Any) -> int:
    """Returns how many numbers the file brings along that are no sizes."""
    graph = model.subgraphs[0]
    return sum(
        math.prod(_shape(tensor))
        for tensor in graph.tensors
        if _content(model, tensor) is not None and tensor.type not in (2, 4)  # INT32, INT64
    )


def written(model: Any) -> bytes:
    """Returns a network as a LiteRT file."""
    import flatbuffers

    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def adapted(model: Any, adaptation: Adaptation, input_shape: tuple[int, ...]) -> bytes:
    """Returns a checked network as a LiteRT file that fits a task.

    Args:
        model: from `read_checked`; it is changed.
        adaptation: what is to be added.
        input_shape: of one example of the task, without the batch.
    """
    from ai_edge_litert import schema_py_generated as schema

    graph = model.subgraphs[0]
    editor = _Editor(model, schema)
    before = []
    target = graph.inputs[0]
    first = graph.tensors[target]
    steps: list[tuple[str, Any]] = []
    if adaptation.reshape:
        sizes = np.array([-1, *_signature(first)[1:]], np.int32)
        steps.append(("RESHAPE", sizes))
    if adaptation.factor != 1:
        steps.append(("MUL", np.array([adaptation.factor], np.float32)))
    if adaptation.offset != 0:
        steps.append(("ADD", np.array([adaptation.offset], np.float32)))
    if steps:
        graph.inputs = [editor.tensor("digit_lab_input", (1, *input_shape), batch=True)]
        current = graph.inputs[0]
        shape = input_shape
        for number, (name, value) in enumerate(steps):
            last = number == len(steps) - 1
            if name == "RESHAPE":
                shape = tuple(_signature(first)[1:])
            result = target if last else editor.tensor(f"digit_lab_{name}", (1, *shape), batch=True)
            before.append(editor.operation(name, [current, editor.constant(value)], result))
            current = result
    graph.operators = [*before, *graph.operators]
    if adaptation.softmax:
        scores = graph.outputs[0]
        classes = _signature(graph.tensors[scores])[1:]
        answer = editor.tensor("digit_lab_probabilities", (1, *classes), batch=True)
        graph.operators.append(editor.operation("SOFTMAX", [scores], answer))
        graph.outputs = [answer]
    return written(model)


class _Editor:
    """Adds tensors and operations to a network."""

    def __init__(self, model: Any, schema: Any) -> None:
        self._model, self._schema = model, schema
        self._graph = model.subgraphs[0]

    def tensor(self, name: str, shape: Sequence[int], *, batch: bool) -> int:
        """Adds a float32 tensor that an operation fills; returns its place."""
        tensor = self._schema.TensorT()
        tensor.name, tensor.shape, tensor.type = name, list(shape), 0
        tensor.shapeSignature = [-1, *shape[1:]] if batch else None
        tensor.buffer = 0
        self._graph.tensors.append(tensor)
        return len(self._graph.tensors) - 1

    def constant(self, value: Any) -> int:
        """Adds a tensor with a value; returns its place."""
        buffer = self._schema.BufferT()
        buffer.data = np.frombuffer(value.tobytes(), np.uint8)
        self._model.buffers.append(buffer)
        place = self.tensor("digit_lab_constant", value.shape, batch=False)
        tensor = self._graph.tensors[place]
        tensor.type = 2 if value.dtype == np.int32 else 0
        tensor.buffer = len(self._model.buffers) - 1
        return place

    def operation(self, name: str, inputs: Sequence[int], output: int) -> Any:
        """Returns an operation."""
        schema = self._schema
        code = getattr(schema.BuiltinOperator, name)
        kind = schema.OperatorCodeT()
        kind.builtinCode, kind.deprecatedBuiltinCode, kind.version = code, min(code, 127), 1
        self._model.operatorCodes.append(kind)
        operation = schema.OperatorT()
        operation.opcodeIndex = len(self._model.operatorCodes) - 1
        operation.inputs, operation.outputs = list(inputs), [output]
        if name == "SOFTMAX":
            operation.builtinOptionsType = schema.BuiltinOptions.SoftmaxOptions
            operation.builtinOptions = schema.SoftmaxOptionsT()
            operation.builtinOptions.beta = 1.0
        elif name in ("MUL", "ADD"):
            title = f"{name.capitalize()}Options"
            operation.builtinOptionsType = getattr(schema.BuiltinOptions, title)
            operation.builtinOptions = getattr(schema, f"{title}T")()
        return operation


def _check(model: Any, schema: Any, max_numbers: int) -> None:
    if len(model.subgraphs) != 1:
        raise refused_parts(["several graphs"], "control flow")
    if model.externalBufferGroups or model.externalBuffers:
        raise InvalidInput("The LiteRT file's weights lie in another file. That is refused.")
    graph = model.subgraphs[0]
    if len(graph.tensors) > MAX_TENSORS or len(graph.operators) > MAX_OPERATIONS:
        raise InvalidInput("The LiteRT file has more operations than any network for these tasks.")
    names = _names(schema)
    used = [(names.get(_code(code), "?"), code.customCode) for code in model.operatorCodes or []]
    wrong = [
        f"{name} {custom.decode(errors='replace') if custom else ''}".strip()
        for name, custom in used
        if name not in OPERATIONS or custom
    ]
    if wrong:
        raise refused_parts(wrong, "operations")
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        raise InvalidInput(
            f"The network has {len(graph.inputs)} inputs and {len(graph.outputs)} outputs; one of"
            " each is needed."
        )
    _check_tensors(model, graph)
    _check_order(model, graph)
    if weight_count(model) > max_numbers:
        raise InvalidInput(
            f"The network has {weight_count(model):,} weights; this server takes {max_numbers:,}."
        )
    # What is not needed for answers, and was not looked at.
    model.metadata = model.metadataBuffer = model.signatureDefs = None
    model.description = ""


def _check_tensors(model: Any, graph: Any) -> None:
    sizes = {0: 4, 1: 2, 2: 4, 3: 1, 4: 8, 6: 1, 9: 1}  # bytes by type; float32 is 0
    activations = 0
    for tensor in graph.tensors:
        if (
            tensor.type not in sizes
            or tensor.isVariable
            or tensor.sparsity
            or tensor.variantTensors
        ):
            raise InvalidInput("The LiteRT file keeps its numbers in a way that is not read here.")
        if getattr(tensor, "externalBuffer", 0):
            raise InvalidInput(_DAMAGED)
        shape = _shape(tensor)
        if any(size < 0 for size in shape) or math.prod(shape) > MAX_SIZE:
            raise InvalidInput("The LiteRT file claims an impossible size.")
        if tensor.shapeSignature is not None and len(tensor.shapeSignature) not in (0, len(shape)):
            raise InvalidInput(_DAMAGED)
        content = _content(model, tensor)
        if content is None:
            activations += math.prod(shape)
        elif len(content) != math.prod(shape) * sizes[tensor.type]:
            raise InvalidInput(_DAMAGED)
        _check_quantization(tensor, shape)
        tensor.name = tensor.name or b""
    if activations > MAX_ACTIVATIONS:
        raise InvalidInput(
            f"The network computes {activations:,} numbers for one example; at most"
            f" {MAX_ACTIVATIONS:,} are taken, or answers would need too much memory."
        )
    for place in (graph.inputs[0], graph.outputs[0]):
        tensor = graph.tensors[_index(place, graph)]
        if tensor.type != 0 or _content(model, tensor) is not None or len(_shape(tensor)) < 1:
            raise InvalidInput(
                "The network takes or gives something else than float32 numbers. Convert it with"
                " float32 input and output; inside it may be quantized."
            )


def _check_quantization(tensor: Any, shape: tuple[int, ...]) -> None:
    found = tensor.quantization
    if found is None:
        return
    if found.details is not None:
        raise InvalidInput("The LiteRT file keeps its numbers in a way that is not read here.")
    scales = [] if found.scale is None else list(found.scale)
    zeros = [] if found.zeroPoint is None else list(found.zeroPoint)
    place = found.quantizedDimension
    if len(scales) > 1 and not (0 <= place < len(shape) and len(scales) == shape[place]):
        raise InvalidInput(_DAMAGED)
    if len(zeros) not in (0, 1, len(scales)):
        raise InvalidInput(_DAMAGED)


def _check_order(model: Any, graph: Any) -> None:
    """Sees to it that every operation takes what is there, and gives what nothing else gives."""
    ready = {place for place, each in enumerate(graph.tensors) if _content(model, each) is not None}
    if graph.inputs[0] in ready:
        raise InvalidInput(_DAMAGED)
    ready.add(_index(graph.inputs[0], graph))
    for operation in graph.operators:
        if not 0 <= operation.opcodeIndex < len(model.operatorCodes):
            raise InvalidInput(_DAMAGED)
        if operation.customOptions is not None and len(operation.customOptions):
            raise refused_parts(["custom options"], "operations")
        if operation.largeCustomOptionsOffset or operation.largeCustomOptionsSize:
            raise InvalidInput(_DAMAGED)
        operation.intermediates = operation.mutatingVariableInputs = None
        if not all(place == -1 or _index(place, graph) in ready for place in operation.inputs):
            raise InvalidInput(_DAMAGED)
        for place in operation.outputs:
            if _index(place, graph) in ready:
                raise InvalidInput(_DAMAGED)
            ready.add(place)
    if graph.outputs[0] not in ready:
        raise InvalidInput(_DAMAGED)


def _index(place: int, graph: Any) -> int:
    if not 0 <= place < len(graph.tensors):
        raise InvalidInput(_DAMAGED)
    return int(place)


def _content(model: Any, tensor: Any) -> Any:
    """Returns the bytes that a tensor brings along, or None for one that is computed."""
    if not 0 <= tensor.buffer < len(model.buffers):
        raise InvalidInput(_DAMAGED)
    buffer = model.buffers[tensor.buffer]
    if getattr(buffer, "offset", 0) or getattr(buffer, "size", 0):
        raise InvalidInput("The LiteRT file's weights lie behind it. That is refused.")
    return None if buffer.data is None or len(buffer.data) == 0 else buffer.data


def _shape(tensor: Any) -> tuple[int, ...]:
    return () if tensor.shape is None else tuple(int(size) for size in tensor.shape)


def _signature(tensor: Any) -> tuple[int, ...]:
    """Returns the shape with -1 for what is left open."""
    if tensor.shapeSignature is None or len(tensor.shapeSignature) == 0:
        return _shape(tensor)
    return tuple(int(size) for size in tensor.shapeSignature)


def _code(code: Any) -> int:
    return int(max(code.builtinCode, code.deprecatedBuiltinCode))


def _names(schema: Any) -> dict[int, str]:
    kinds = vars(schema.BuiltinOperator)
    return {value: name for name, value in kinds.items() if isinstance(value, int)}
