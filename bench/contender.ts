import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A process that answers each line of JSON with a line of JSON. */
export class Contender {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #errors = '';

  constructor(name: string, command: string, parameters: readonly string[]) {
    this.name = name;
    this.#process = spawn(command, parameters, { stdio: ['pipe', 'pipe', 'pipe'] });
    const { stdin, stdout, stderr } = this.#process;
    if (stdin === null || stdout === null || stderr === null) throw new Error('a process without pipes');
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
    stderr.on('data', (data: Buffer) => {
      this.#errors = (this.#errors + data.toString()).slice(-2000);
    });
    // A process that has ended is told by its missing answer.
    stdin.on('error', () => {});
    this.#process.on('error', (error) => {
      this.#errors = error.message;
    });
  }

  /** The next answer, without a question. @throws Error when the process has ended instead. */
  async next(): Promise<Record<string, unknown>> {
    const { value, done } = await this.#lines.next();
    if (done === true) {
      const last = this.#errors.trim().split('\n').at(-1) || 'it ended without a word';
      throw new Error(`${this.name}: ${last}`);
    }
    return JSON.parse(value) as Record<string, unknown>;
  }

  ask(question: object): Promise<Record<string, unknown>> {
    this.#process.stdin?.write(`${JSON.stringify(question)}\n`);
    return this.next();
  }

  stop(): void {
    this.#process.stdin?.end();
    this.#process.kill();
  }
}
