import { readEntries, type TarEntry, type Wish } from './tar-entries.ts';

const NOTHING = Buffer.alloc(0);

/** Feeds a tar stream, in chunks of any length, to the one that reads it. Holds at most what it waits for. */
export class TarReader {
  readonly #entries: Generator<Wish, void, Buffer | undefined>;
  #wish: Wish = { want: 'rest' };
  #missing = 0;
  #held: Buffer[] = [];

  /** @param judge is called once an entry, before its contents are there; what it throws ends the reading */
  constructor(judge: (entry: TarEntry) => void) {
    this.#entries = readEntries(judge);
    this.#next(this.#entries.next());
  }

  /** @throws InvalidArtifact */
  write(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#wish.want === 'rest') {
        this.#next(this.#entries.next(rest));
        return;
      }
      const part = rest.subarray(0, this.#missing);
      rest = rest.subarray(part.length);
      this.#missing -= part.length;
      if (this.#wish.want === 'bytes') this.#held.push(part);
      if (this.#missing === 0) this.#grant();
    }
  }

  /** The stream has ended. @throws InvalidArtifact where the archive has not */
  end(): void {
    this.#entries.next(undefined);
  }

  #grant(): void {
    const [only = NOTHING] = this.#held;
    const bytes = this.#held.length > 1 ? Buffer.concat(this.#held) : only;
    this.#held = [];
    this.#next(this.#entries.next(bytes));
  }

  #next(answer: IteratorResult<Wish, void>): void {
    if (answer.done) return;
    this.#wish = answer.value;
    this.#missing = answer.value.want === 'rest' ? 0 : answer.value.length;
  }
}
