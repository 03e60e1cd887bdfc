import test from 'ava';
import { OURS } from '../../../bench/compare.js';
import type { Measured } from '../../../bench/measure.js';
import { readNetworks } from '../../../bench/networks/configurations.js';
import { networkHead, networkLineOf, networkRow, placeOf } from '../../../bench/networks/lines.js';

function placeNamed(name: string) {
  const configuration = readNetworks().find((each) => each.name === name);
  if (configuration === undefined) throw new Error(`no ${name}`);
  return placeOf(configuration);
}

/** Times in seconds by name where ours takes 1 s for 100 multiply-adds. */
function measured(times: Readonly<Record<string, number>>, peaks: readonly number[] = []): Measured {
  const all = Object.entries({ [OURS]: 1, ...times });
  return {
    times: Object.fromEntries(
      all.map(([name, seconds]) => [name, { seconds: [seconds], parameters: 7, multiplyAdds: 100 }]),
    ),
    absent: {},
    peaks,
  };
}

test('each peer that was measured has its bound, and a compiled one has none', (t) => {
  const holding = { torch: 1.3, torchCompile: 0.5, tfjsCpu: 51, tfjsWasm: 6 };
  t.deepEqual(networkLineOf(placeNamed('mlp'), measured(holding)).missed, []);
  const slow = networkLineOf(placeNamed('mlp'), measured({ torch: 1.1, tfjsCpu: 49 }));
  t.deepEqual(slow.missed, ['torch', 'tfjsCpu']);
  t.deepEqual(networkLineOf(placeNamed('vae2'), measured({ torch: 1.1 })).missed, []);
  t.is(networkLineOf(placeNamed('vae2'), measured({ torchCompile: 0.1 })).missed, null);
});

test('a product is judged by its share of the peak', (t) => {
  const place = placeNamed('product');
  t.is(place.task, 'product');
  t.deepEqual(networkLineOf(place, measured({ torch: 0.1 }, [210])).missed, []);
  t.deepEqual(networkLineOf(place, measured({}, [250])).missed, ['peak']);
});

test('a contender with other parameters is no contender', (t) => {
  const { times, ...rest } = measured({ torch: 2 });
  const other = { ...times, torch: { seconds: [2], parameters: 8, multiplyAdds: 0 } };
  t.throws(() => networkLineOf(placeNamed('mlp'), { ...rest, times: other }), {
    message: 'mlp: torch trains 8 numbers, ours 7',
  });
});

test('rows have the columns of the head', (t) => {
  const columns = (text: string) => text.split('|').length;
  const row = networkRow(networkLineOf(placeNamed('mlp'), measured({ torch: 1, tfjsWasm: 123.4 })));
  t.is(columns(row), columns(networkHead().split('\n')[0] as string));
  t.true(row.includes('| 1.0x |') && row.includes('| 123x |') && row.includes('| not torch |'));
});
