/**
 * The import rules of the house. Folders of src stand on floors; an import may go to the same floor or
 * to a lower one, never up, and no chain of imports may come back to where it started.
 */
const floors = [
  ['index.ts'],
  ['cli'],
  ['runs', 'reproduce'],
  ['report'],
  ['metrics', 'train'],
  ['tables'],
  ['flows', 'vae', 'gan', 'autoregressive'],
  ['nn', 'distributions', 'data', 'onnx'],
  ['ops'],
  ['backend'],
  ['native'],
  ['*.ts', 'gradients'],
];

const patterns = { 'index.ts': 'index[.]ts$', '*.ts': '(?!index[.]ts$)[^/]+[.]ts$' };

/** Matches the files of some floors: a folder's content, or the files at the top of src. */
function pathOf(names) {
  return `^src/(${names.map((name) => patterns[name] ?? `${name}/`).join('|')})`;
}

const downhill = floors.slice(1).map((floor, index) => ({
  name: `downhill-${floor[0] === '*.ts' ? 'base' : floor[0]}`,
  comment: `${floor.join(', ')} may not import what stands above: ${floors
    .slice(0, index + 1)
    .flat()
    .join(', ')}`,
  severity: 'error',
  from: { path: pathOf(floor) },
  to: { path: pathOf(floors.slice(0, index + 1).flat()) },
}));

const everyFloor = pathOf(floors.flat());

module.exports = {
  forbidden: [
    ...downhill,
    {
      name: 'every-file-has-a-floor',
      comment: 'A new folder of src needs its place among the floors of .dependency-cruiser.cjs.',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: everyFloor },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: { path: '^(src|test|bench|scripts|examples)/' },
      to: { circular: true },
    },
    {
      name: 'data-and-onnx-know-no-model',
      comment: 'Rows and graphs are the same whatever model they belong to.',
      severity: 'error',
      from: { path: '^src/(data|onnx)/' },
      to: {
        path: '^src/',
        pathNot: ['^src/(data|onnx|ops|backend|native)/', '^src/(?!index|model)[^/]+[.]ts$'],
      },
    },
    {
      name: 'tf-through-one-door',
      comment:
        'TensorFlow.js is imported by src/tfjs.ts alone, because the core bundle by itself has no gradients.',
      severity: 'error',
      from: {
        path: '^(src|test|bench|scripts|examples)/',
        pathNot: '^src/tfjs[.]ts$',
      },
      to: { path: '@tensorflow/' },
    },
    {
      name: 'tf-with-its-gradients-mended',
      comment: 'All take it from src/tf.ts, which mends its gradients first.',
      severity: 'error',
      from: { path: '^(src|bench|scripts|examples)/', pathNot: '^src/(tf[.]ts$|gradients/)' },
      to: { path: '^src/tfjs[.]ts$' },
    },
    {
      name: 'native-file-through-one-door',
      comment: 'Only src/native knows where the .node file is.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/native/' },
      to: { path: '[.]node$' },
    },
    {
      name: 'src-stands-alone',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts|examples)/' },
    },
    {
      name: 'examples-use-what-users-use',
      severity: 'error',
      from: { path: '^examples/' },
      to: { path: '^(src|test|bench|scripts)/', pathNot: '^src/(index|backend/index)[.]ts$' },
    },
    {
      name: 'no-dev-dependency-in-src',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.js', '.d.ts', '.json'],
    },
  },
};
