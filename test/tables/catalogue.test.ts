import test from 'ava';
import { PushforwardError } from '../../src/errors.js';
import { catalogue, modelNamed } from '../../src/tables/catalogue.js';

test('each model has a paper and a use', (t) => {
  for (const { paper, use } of Object.values(catalogue)) {
    t.regex(paper, / \d{4}$/);
    t.true(use.length > 20 && use.length < 80);
  }
});

test('a name that is none is told the known ones and the nearest', (t) => {
  t.is(modelNamed('maf'), 'maf');
  const error = t.throws(() => modelNamed('realnpv'), { instanceOf: PushforwardError });
  t.is(error.code, 'usage');
  t.regex(error.message, /no model realnpv; give one of nice, .*; the nearest is realNvp$/);
  t.notRegex(t.throws(() => modelNamed('toString')).message, /nearest/);
});
