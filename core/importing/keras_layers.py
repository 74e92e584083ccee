"""The parts of Keras that a network from outside may consist of. Everything else is refused.

It is a list of what is allowed: a new way of Keras to run code or to read files would otherwise be
allowed as soon as Keras has it. Left out are Lambda, whatever wraps other programs (TFSMLayer,
TorchModuleWrapper, JaxLayer), whatever reads files (TextVectorization, StringLookup), and custom
classes.
"""

from __future__ import annotations

_LAYERS = """
    Activation ActivityRegularization Add AlphaDropout Average AveragePooling1D AveragePooling2D
    BatchNormalization Bidirectional CenterCrop Concatenate Conv1D Conv2D Conv2DTranspose Cropping1D
    Cropping2D Dense DepthwiseConv1D DepthwiseConv2D Dot Dropout ELU Flatten GRU GRUCell
    GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling1D
    GlobalMaxPooling2D GroupNormalization Identity InputLayer LSTM LSTMCell LayerNormalization
    LeakyReLU MaxPooling1D MaxPooling2D Maximum Minimum Multiply Normalization PReLU Permute
    RandomContrast RandomFlip RandomRotation RandomTranslation RandomZoom ReLU RepeatVector
    Rescaling Reshape SeparableConv1D SeparableConv2D SimpleRNN SimpleRNNCell Softmax
    SpatialDropout1D SpatialDropout2D Subtract TimeDistributed UnitNormalization UpSampling1D
    UpSampling2D ZeroPadding1D ZeroPadding2D
"""
_INITIALIZERS = """
    Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity LecunNormal LecunUniform Ones
    Orthogonal OrthogonalInitializer RandomNormal RandomUniform TruncatedNormal VarianceScaling
    Zeros
"""
_ACTIVATIONS = """
    elu exponential gelu hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu linear log_softmax
    mish relu relu6 selu sigmoid silu softmax softplus softsign swish tanh
"""
ALLOWED: dict[str, frozenset[str]] = {
    "keras": frozenset({"Sequential", "Functional", "Model", "DTypePolicy"}),
    "keras.models": frozenset({"Sequential", "Functional", "Model"}),
    "keras.src.models.functional": frozenset({"Functional"}),
    "keras.src.models.sequential": frozenset({"Sequential"}),
    "keras.dtype_policies": frozenset({"DTypePolicy"}),
    "keras.layers": frozenset(_LAYERS.split()),
    "keras.initializers": frozenset(_INITIALIZERS.split()),
    "keras.regularizers": frozenset({"L1", "L1L2", "L2", "OrthogonalRegularizer"}),
    "keras.constraints": frozenset({"MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"}),
}
NETWORKS = frozenset({"Sequential", "Functional", "Model"})
ACTIVATIONS = frozenset(_ACTIVATIONS.split())
# What Keras writes between layers: where a tensor comes from, and several of them.
TENSOR, TUPLE = "__keras_tensor__", "__tuple__"
