import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { damagedFile, PushforwardError } from '../errors.js';
import { writing } from '../files.js';
import type { FitOptions } from './types.js';

/** The files of a run folder. */
export interface RunPaths {
  readonly folder: string;
  readonly config: string;
  readonly schema: string;
  readonly weights: string;
  readonly metrics: string;
  readonly checkpoint: string;
  readonly generator: string;
  readonly density: string;
  readonly encoder: string;
  readonly decoder: string;
  readonly critic: string;
  readonly report: string;
  readonly card: string;
}

export function runPaths(folder: string): RunPaths {
  return {
    folder,
    config: join(folder, 'config.json'),
    schema: join(folder, 'schema.json'),
    weights: join(folder, 'model.safetensors'),
    metrics: join(folder, 'metrics.jsonl'),
    checkpoint: join(folder, 'checkpoints', 'last.safetensors'),
    generator: join(folder, 'generator.onnx'),
    density: join(folder, 'density.onnx'),
    encoder: join(folder, 'encoder.onnx'),
    decoder: join(folder, 'decoder.onnx'),
    critic: join(folder, 'critic.onnx'),
    report: join(folder, 'report.json'),
    card: join(folder, 'MODEL_CARD.md'),
  };
}

/**
 * The folder that a fit is to write to, a temporary one where none is given, before any work is done for it.
 * @throws PushforwardError `usage` when something is there that `overwrite` was not given for, or
 * nothing that `resume` could go on with.
 */
export async function folderToFit({
  out = join(tmpdir(), `pushforward-${randomUUID()}`),
  overwrite = false,
  resume = false,
}: Pick<FitOptions, 'out' | 'overwrite' | 'resume'>): Promise<RunPaths> {
  const folder = resolve(out);
  const paths = runPaths(folder);
  if (resume) {
    if (!existsSync(paths.config)) {
      throw new PushforwardError('usage', 'holds no run to resume', {
        where: folder,
        mend: 'fit without --resume',
      });
    }
    return paths;
  }
  const content = await listFolder(folder);
  const isRun = await holdsRun(paths);
  if (content.length === 0 || (overwrite && isRun)) return paths;
  throw new PushforwardError('usage', isRun ? 'holds a run already' : 'is not empty and holds no run', {
    where: folder,
    mend: isRun
      ? 'give another --out, --resume to go on with it, or --overwrite to replace it'
      : 'give another --out',
  });
}

/** An empty run folder; what a run before left there goes first. */
export async function makeRunFolder(paths: RunPaths): Promise<void> {
  const isRun = await holdsRun(paths);
  await writing(paths.folder, async () => {
    if (isRun) await rm(paths.folder, { recursive: true });
    await mkdir(join(paths.folder, 'checkpoints'), { recursive: true });
  });
}

/** Whether a folder's `config.json` is one of ours: many other programs have files of that name. */
async function holdsRun({ config }: RunPaths): Promise<boolean> {
  if (!existsSync(config)) return false;
  const value = await readRunJson(config).catch(() => null);
  return typeof (value as { pushforward?: unknown } | null)?.pushforward === 'string';
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new PushforwardError('usage', code === 'ENOTDIR' ? 'is a file' : 'cannot be read', {
      where: folder,
      mend: 'give another folder',
      cause,
    });
  }
}

/**
 * The configuration of a run of this kind of data, to be checked.
 * @throws PushforwardError `usage` for a run of another kind, and as `readRunJson`.
 */
export async function readConfig(
  { config: path, folder }: RunPaths,
  kind: 'table' | 'images',
): Promise<unknown> {
  const config = await readRunJson(path);
  const own = (config as { kind?: unknown } | null)?.kind === 'images' ? 'images' : 'table';
  if (own === kind) return config;
  throw new PushforwardError('usage', `holds a run of ${own === 'images' ? 'images' : 'a table'}`, {
    where: folder,
    mend: 'give the folder of another run',
  });
}

/**
 * Reads one JSON file of a run.
 * @throws PushforwardError `input` when it is not there, `damaged` when it is no JSON.
 */
export async function readRunJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new PushforwardError('input', 'cannot be read, so its folder is no finished run', {
      where: path,
      mend: 'give a folder that `pushforward fit` made, or finish it with --resume',
      cause,
    });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damagedFile(path, 'is no JSON', cause);
  }
}
