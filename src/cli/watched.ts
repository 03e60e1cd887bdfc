import type { FitEvent } from '../runs/types.js';
import type { CliContext } from './context.js';
import { type CommonOptions, warn } from './output.js';
import { FitProgress } from './progress.js';

/** What a fit is given by the command. */
interface FitHooks {
  readonly signal: AbortSignal;
  readonly onEvent: (event: FitEvent) => void;
}

/** Runs a fit with its progress shown and Ctrl-C listened to. */
export async function watched<Run>(
  context: CliContext,
  flags: CommonOptions,
  fitWith: (hooks: FitHooks) => Promise<Run>,
): Promise<{ run: Run; warnings: readonly string[] }> {
  const warnings: string[] = [];
  const progress = flags.quiet === true ? undefined : new FitProgress(context);
  const controller = new AbortController();
  const stopListening = context.onInterrupt(() => {
    progress?.line('stopping after this step; press Ctrl-C again to stop at once');
    controller.abort();
  });
  let run: Run;
  try {
    run = await fitWith({
      signal: controller.signal,
      onEvent: (event) => {
        if (event.kind === 'warning') warnings.push(event.message);
        progress?.handle(event);
      },
    });
  } finally {
    progress?.close();
    stopListening();
  }
  if (progress === undefined) for (const message of warnings) await warn(context, message);
  return { run, warnings };
}
