/**
 * What users import; nothing else is public. Importing it puts the tfjs backend `native` in use where
 * the addon is there, and `cpu` where it is not.
 */
import './backend/index.js';

export { type BackendName, setBackend } from './backend/index.js';
export { type ImageRowsOptions, imageRows } from './data/images/imageRows.js';
export { type ImageSet, takeImages } from './data/images/imageSet.js';
export { labelRows } from './data/images/labels.js';
export { type PictureSet, takePictures } from './data/images/pictures.js';
export { type PrefetchedRows, prefetchedRows } from './data/images/prefetchedRows.js';
export { openPictures, type ReadImagesOptions, readImages } from './data/images/readImages.js';
export { writeImageArray } from './data/images/writeImages.js';
export {
  type ColumnKind,
  type ColumnSchema,
  describeSchema,
  formatCsv,
  type Level,
  type ReadOptions,
  readTable,
  type Table,
  type TableColumn,
  type TableSchema,
  writeTable,
} from './data/index.js';
export { arrayRows, binarisedRows, type ContextRows, type RowSource } from './data/rowSource.js';
export { grid, type MixtureLaw, moons, ring, type ToyLaw } from './data/toyLaws.js';
export type { BaseDistribution, BaseDrawOptions } from './distributions/base.js';
export { ConditionalGaussian, type ConditionalGaussianOptions } from './distributions/conditionalGaussian.js';
export { DiagonalGaussian } from './distributions/diagonalGaussian.js';
export { FullGaussian } from './distributions/fullGaussian.js';
export { GaussianMixture, type GaussianMixtureOptions } from './distributions/gaussianMixture.js';
export { Bernoulli } from './distributions/likelihoods/bernoulli.js';
export {
  CategoricalLikelihood,
  type CategoricalLikelihoodOptions,
} from './distributions/likelihoods/categorical.js';
export { ContinuousBernoulli } from './distributions/likelihoods/continuousBernoulli.js';
export {
  DiscretisedLogistic,
  type DiscretisedLogisticOptions,
} from './distributions/likelihoods/discretisedLogistic.js';
export { GaussianLikelihood, type GaussianLikelihoodOptions } from './distributions/likelihoods/gaussian.js';
export type {
  Likelihood,
  LikelihoodConfig,
  LikelihoodSupport,
} from './distributions/likelihoods/likelihood.js';
export { type ColumnsLikelihood, ProductLikelihood } from './distributions/likelihoods/product.js';
export { ProductDistribution } from './distributions/productDistribution.js';
export { StandardNormal } from './distributions/standardNormal.js';
export { StudentT, type StudentTOptions } from './distributions/studentT.js';
export { Uniform, type UniformOptions } from './distributions/uniform.js';
export { VonMises } from './distributions/vonMises.js';
export type { DrawOptions } from './draw.js';
export { type ErrorCode, type ErrorDetails, PushforwardError } from './errors.js';
export { ActNorm } from './flows/actNorm.js';
export { AdditiveCoupling, type AdditiveCouplingOptions } from './flows/additiveCoupling.js';
export { AffineCoupling, type AffineCouplingOptions } from './flows/affineCoupling.js';
export type { Bijection, ParameterDefinition } from './flows/bijection.js';
export { Elementwise, type ElementwiseOptions } from './flows/elementwise.js';
export { Flow, type FlowOptions } from './flows/flow.js';
export { FlowFactor, type FlowFactorOptions } from './flows/flowFactor.js';
export { Householder, type HouseholderOptions } from './flows/householder.js';
export { AxisPermutation, splitChannels, squeeze } from './flows/image/axisPermutation.js';
export {
  ConvolutionalCoupling,
  type ConvolutionalCouplingOptions,
} from './flows/image/convolutionalCoupling.js';
export { LeadingColumns } from './flows/image/leadingColumns.js';
export type { ImageMask } from './flows/image/parts.js';
export { PerPixel } from './flows/image/perPixel.js';
export { InverseAutoregressive, InverseSpline } from './flows/inverseAutoregressive.js';
export { LuLinear } from './flows/luLinear.js';
export { MaskedAutoregressive, type MaskedAutoregressiveOptions } from './flows/maskedAutoregressive.js';
export { MaskedSpline, type MaskedSplineOptions } from './flows/maskedSpline.js';
export { Permutation } from './flows/permutation.js';
export type { AutoregressiveFlowOptions } from './flows/presets/autoregressive.js';
export type { PresetName } from './flows/presets/catalogue.js';
export { type GlowOptions, glow } from './flows/presets/glow.js';
export { iaf } from './flows/presets/iaf.js';
export { maf } from './flows/presets/maf.js';
export { type NiceOptions, nice } from './flows/presets/nice.js';
export { type NsfOptions, nsf } from './flows/presets/nsf.js';
export { nsfAutoregressive } from './flows/presets/nsfAutoregressive.js';
export type { PresetOptions } from './flows/presets/options.js';
export { type RealNvpOptions, realNvp } from './flows/presets/realNvp.js';
export {
  RationalQuadraticCoupling,
  type RationalQuadraticCouplingOptions,
} from './flows/rationalQuadraticCoupling.js';
export { buildGan, type GanConfig, type GanNetworksConfig } from './gan/config.js';
export { Gan, type GanLosses, type GanLossOptions, type GanOptions } from './gan/gan.js';
export { type AdversarialLossName, adversarialLosses } from './gan/losses.js';
export {
  type ConvolutionalGanOptions,
  convolutionalGanNetworks,
  type GanNetworks,
  type GanSizes,
  type MlpGanOptions,
  mlpGanNetworks,
} from './gan/networks.js';
export { type GanObjective, plainGanObjective } from './gan/objective.js';
export type { OptimizerOptions } from './gan/optimizer.js';
export { pack } from './gan/packing.js';
export {
  type DrawRows,
  type GanStepRecord,
  GanTrainer,
  type GanTrainOptions,
  type RealRows,
} from './gan/trainer.js';
export type { ImageShape } from './imageShape.js';
export type { Comparison } from './metrics/comparison.js';
export { diversity } from './metrics/diversity.js';
export { type EnergyOptions, energyDistance, energyStatistic } from './metrics/energy.js';
export {
  compareFeatures,
  type FeatureComparison,
  type FeatureDistances,
  featureDistances,
} from './metrics/featureDistances.js';
export {
  type FitImageClassifierOptions,
  type FittedImageClassifier,
  fitImageClassifier,
} from './metrics/fitImageClassifier.js';
export { frechetDistance } from './metrics/frechetDistance.js';
export {
  type ClassifiedImages,
  IMAGE_FEATURES,
  ImageClassifier,
  type ImageClassifierOptions,
  type Recognition,
} from './metrics/imageClassifier.js';
export {
  cubicKernelDistance,
  type KernelDistance,
  type KernelDistanceOptions,
  kernelDistance,
} from './metrics/kernelDistance.js';
export { labelModes, type ModeMetrics, modeMetrics } from './metrics/modes.js';
export { type NeighbourMetrics, neighbourMetrics } from './metrics/neighbours.js';
export { compareSamples, type SampleComparison, type SampleFigures } from './metrics/sampleComparison.js';
export { loadImageClassifier, saveImageClassifier } from './metrics/savedImageClassifier.js';
export { type SlicedWassersteinOptions, slicedWasserstein } from './metrics/slicedWasserstein.js';
export type {
  ApproximateModel,
  CodedModel,
  EstimateOptions,
  GenerativeModel,
  SampleOptions,
  TractableModel,
} from './model.js';
export {
  type EncodedCodes,
  loadOnnx,
  type OnnxColumn,
  type OnnxMetadata,
  OnnxModel,
  type RawValue,
  type SampledColumn,
} from './onnx/load.js';
export {
  type FloatArray,
  loadOnnxNetwork,
  type NetworkDrawOptions,
  type NetworkMetadata,
  OnnxNetwork,
} from './onnx/network.js';
export { type LogDeterminant, logAbsDeterminant, triangularLogDeterminant } from './ops/determinant.js';
export type { TriangularOptions } from './ops/factorisation.js';
export {
  gru,
  type LstmState,
  lstm,
  type RecurrentLayerWeights,
  type RecurrentOptions,
} from './ops/recurrent.js';
export { inverse, solve, triangularSolve } from './ops/solve.js';
export { hutchinson, hutchPlusPlus, type Multiply, type TraceOptions } from './ops/trace.js';
export { Random } from './random.js';
export { writeImageFiles } from './report/imageFiles.js';
export { type ImageGridOptions, imageGrid, reconstructionLines, writeImageGrid } from './report/imageGrid.js';
export type { ImageLikelihood } from './report/images.js';
export type { Figure } from './reproduce/experiment.js';
export { type ReproduceSettings, type Reproduction, reproduce } from './reproduce/index.js';
export { type ExperimentName, experimentNames } from './reproduce/names.js';
export type { ExportOptions, NetworkExportReport } from './runs/checkedGraphs.js';
export { exportGan } from './runs/exportGan.js';
export { exportVae } from './runs/exportVae.js';
export { type FitGanOptions, fitGan, type GanEpochRecord, type GanTrainResult } from './runs/fitGan.js';
export { type FitVaeOptions, fitVae } from './runs/fitVae.js';
export type { ImageModelName } from './runs/images/catalogue.js';
export {
  type EvaluateImagesOptions,
  type Evaluation,
  type ExportReport,
  type FitEvent,
  type FitImagesOptions,
  type FitReport,
  type FitTableOptions,
  type FlowModelOptions,
  fitImages,
  fitTable,
  type GanModelOptions,
  type ImageEvaluation,
  type ImageFitReport,
  type ImageRun,
  type ImageScores,
  type ImageSource,
  loadRun,
  type ModelOptions,
  type Run,
  type SampleImagesOptions,
  type ScoreImagesOptions,
  type Scores,
  type TableRun,
  type TableSource,
  type VaeModelOptions,
} from './runs/index.js';
export { loadGan, saveGan } from './runs/savedGan.js';
export { loadVae, saveVae } from './runs/savedVae.js';
export type { ModelArchitecture } from './tables/architecture.js';
export type { ModelName } from './tables/catalogue.js';
export type { FlowArchitecture } from './tables/flow/architecture.js';
export type { GanArchitecture } from './tables/gan/architecture.js';
export type { VaeArchitecture } from './tables/vae/architecture.js';
/** The TensorFlow.js that models are written in, with its gradients loaded, and its layers. */
export { layers, tf } from './tf.js';
export type { AnnealedEstimate, AnnealedOptions } from './vae/annealed.js';
export {
  buildVae,
  type LatentFlowConfig,
  type NetworksConfig,
  type PriorConfig,
  type VaeConfig,
} from './vae/config.js';
export { type ConvolutionalNetworkOptions, convolutionalNetworks } from './vae/convolutionalNetworks.js';
export type { Elbo } from './vae/elbo.js';
export type { ImportanceOptions } from './vae/importance.js';
export type { LatentStatistics } from './vae/latentStatistics.js';
export { type MlpNetworkOptions, mlpNetworks } from './vae/mlpNetworks.js';
export type { NetworkSizes, Networks } from './vae/networks.js';
export type { VaeLosses, VaeObjective } from './vae/objective.js';
export { BasePrior, FlowPrior, type FlowPriorOptions, type Prior } from './vae/prior.js';
export { Vae, type VaeLossOptions, type VaeOptions, type VaeSampleOptions } from './vae/vae.js';
export { VaeFactor, type VaeFactorOptions } from './vae/vaeFactor.js';
export { VampPrior, type VampPriorOptions } from './vae/vampPrior.js';
