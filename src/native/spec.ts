/**
 * What a flow tells the addon about itself. Parameters live in one flat float32 array; every slice
 * is row-major at `offset` (in floats).
 */
export interface ParameterSlice {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
}

export type Activation = 'relu' | 'leakyRelu' | 'tanh' | 'silu' | 'gelu';

/** y = (x + bias) · exp(logScale); parameters bias [d], logScale [d]. */
export interface ActNormSpec {
  readonly kind: 'actNorm';
  readonly parameters: readonly ParameterSlice[];
}

/**
 * y_j = f(x_j) for the columns j, and y_j = x_j for the others; no parameters. With `inverted`,
 * y_j = f⁻¹(x_j). f is, by `map`: 1 / (1 + e^−x), log(1 + e^x), tanh x, x above 0 and slope · x below,
 * or scale[k] · x + shift[k] for the k-th of `columns`. Values of f are at least 1e-30 (`sigmoid`,
 * `softplus`) and at most 1 − 2^-24 (`sigmoid`, |`tanh`|), and f⁻¹ takes what is outside as the nearest.
 */
export interface ElementwiseSpec {
  readonly kind: 'elementwise';
  readonly map: 'sigmoid' | 'softplus' | 'tanh' | 'leakyRelu' | 'affine';
  readonly inverted: boolean;
  readonly columns: readonly number[];
  /** Of `leakyRelu`; 1 for the others. */
  readonly slope: number;
  /** Of `affine`, for each column; empty for the others. */
  readonly scale: readonly number[];
  readonly shift: readonly number[];
  readonly parameters: readonly ParameterSlice[];
}

/**
 * y = H_k ⋯ H_1 x with H_i = I − 2 v_i v_iᵀ / |v_i|², and H_i = I where |v_i|² < 1e-30. Parameters
 * vectors [k, d], whose rows are the v_i.
 */
export interface HouseholderSpec {
  readonly kind: 'householder';
  readonly parameters: readonly ParameterSlice[];
}

/** y_i = x_{order[i]}; no parameters. */
export interface PermutationSpec {
  readonly kind: 'permutation';
  readonly order: readonly number[];
  readonly parameters: readonly ParameterSlice[];
}

/**
 * y = L (U x) + bias. One matrix `lu` [d, d] holds both factors: strictly below the diagonal L
 * (whose diagonal is 1), strictly above it U, on the diagonal the logarithm of U's diagonal.
 * Parameters lu [d, d], bias [d].
 */
export interface LuLinearSpec {
  readonly kind: 'luLinear';
  readonly parameters: readonly ParameterSlice[];
}

/**
 * What couplings share: a network of [x_identity, context] that says how the transformed features are
 * mapped. Without residual blocks it is an MLP, h_{k+1} = activation(h_k W_k + b_k), the last layer
 * linear. With them, `hidden` is one width: h = [x_identity, context] W_0 + b_0, each block of two layers
 * adds activation(activation(h) W_{2b+1} + b_{2b+1}) W_{2b+2} + b_{2b+2} to h, and the last layer is linear
 * in h.
 * Parameters weight0 [in, h], bias0 [h], weight1, bias1, ...
 * `identity` may be empty: the network then sees the context alone, and with no context either, it has
 * zero inputs and its first layer is its bias. A weight0 of [identity.length, h] in a flow with
 * context says that this coupling leaves the context out.
 */
export interface CouplingSpec {
  readonly identity: readonly number[];
  readonly transformed: readonly number[];
  readonly hidden: readonly number[];
  readonly activation: Activation;
  /** 0 for none. */
  readonly residualBlocks: number;
  readonly parameters: readonly ParameterSlice[];
}

/**
 * y_identity = x_identity; y_transformed = x_transformed · exp(s) + t with
 * s = logScaleBound · tanh(r / logScaleBound) and (r, t) the two halves, in this order, of what the
 * network says. `separate` networks, alike but for their weights, say one half each: their parameters are
 * scaleWeight0, scaleBias0, ... and shiftWeight0, shiftBias0, ...
 */
export interface AffineCouplingSpec extends CouplingSpec {
  readonly kind: 'affineCoupling';
  readonly logScaleBound: number;
  readonly networks: 'joint' | 'separate';
}

/** y_identity = x_identity; y_transformed = x_transformed + t, with t what the network says. */
export interface AdditiveCouplingSpec extends CouplingSpec {
  readonly kind: 'additiveCoupling';
}

/** What the autoregressive kinds have in common; see AutoregressiveSpec. */
export interface AutoregressiveNetworkSpec {
  readonly order: readonly number[];
  readonly degrees: readonly (readonly number[])[];
  readonly activation: Activation;
  /** 0 for none. */
  readonly residualBlocks: number;
  readonly parameters: readonly ParameterSlice[];
}

/**
 * With x_{order[k]} for variable k: y_{order[k]} = x_{order[k]} · exp(s_k) + t_k, where
 * s_k = logScaleBound · tanh(r_k / logScaleBound) and (r_k, t_k) are the outputs 2k and 2k + 1 of a masked
 * MLP of [context, variables]. `degrees` are those of each hidden layer's units, ascending and from 0 to
 * d − 1. A unit of degree m reads the context, variables before m, and units of degree at most m; outputs
 * of variable k read units of degree at most k (without hidden layers, the context and variables before
 * k). All other weights are without effect, and their gradient is 0. With residualBlocks, `degrees` holds
 * one list, which all hidden layers of the blocks share, and the layers are those of CouplingSpec's network.
 * Parameters weight0 [in, h], bias0 [h], weight1, bias1, ... A weight0 of [d, h] in a flow with context
 * leaves the context out.
 *
 * `inverseAutoregressive` is the inverse of that map: x = y · exp(s) + t, of the variables of y.
 */
export interface AutoregressiveSpec extends AutoregressiveNetworkSpec {
  readonly kind: 'maskedAutoregressive' | 'inverseAutoregressive';
  readonly logScaleBound: number;
}

/**
 * The same with a monotone spline in the place of the affine map, as of `rationalQuadraticCoupling`: the
 * outputs (3·bins − 1) k and on are the numbers of variable k. `inverseSpline` is the inverse of that map.
 */
export interface AutoregressiveSplineSpec extends AutoregressiveNetworkSpec {
  readonly kind: 'maskedSpline' | 'inverseSpline';
  /** From 2 to 64. */
  readonly bins: number;
  readonly bound: number;
}

/**
 * y_identity = x_identity; each transformed column goes through a monotone rational-quadratic spline
 * with `bins` bins on [−bound, bound] (Durkan et al. 2019, equations 4 and 5), and outside by y = x.
 * The network gives 3·bins − 1 numbers for each transformed column, one column after
 * the other: bins of widths, bins of heights, bins − 1 of derivatives. Widths and heights are, of
 * 2·bound, the shares m + (1 − bins·m) softmax(·), m = 1e-3. The knots are −bound and the sums of the
 * shares, the last one bound itself. The derivative at an inner knot is m + softplus(· + c), which is 1
 * at 0; at the two outermost knots it is 1.
 */
export interface RationalQuadraticCouplingSpec extends CouplingSpec {
  readonly kind: 'rationalQuadraticCoupling';
  /** From 2 to 64. */
  readonly bins: number;
  readonly bound: number;
  readonly circular: readonly number[];
}

export type LayerSpec =
  | ActNormSpec
  | ElementwiseSpec
  | HouseholderSpec
  | PermutationSpec
  | LuLinearSpec
  | AffineCouplingSpec
  | AdditiveCouplingSpec
  | AutoregressiveSpec
  | AutoregressiveSplineSpec
  | RationalQuadraticCouplingSpec;

/** Layers in the forward order, data to latent; the base law is N(0, I) in `dim` dimensions. */
export interface FlowSpec {
  readonly dim: number;
  readonly contextDim: number;
  readonly parameterCount: number;
  readonly layers: readonly LayerSpec[];
}
