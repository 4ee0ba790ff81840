import {
  type Document,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import { LedgerInvalid } from '../domain/errors.ts';

/**
 * A little less than GitHub gives as text (512 KB); the versions of 5,000 hosts take 340 KB. A parser kept busy by a hostile
 * 256 KB was measured to take 3.5 s.
 */
const LONGEST = 480_000;

/** A manifest that is one sound YAML document. */
export interface ParsedManifest {
  readonly path: string;
  readonly text: string;
  readonly document: Document.Parsed;
  /** What a YAML 1.2 reader makes of it. */
  readonly value: unknown;
  /** `path:line:column` of an offset, as editors and people read it. */
  where(offset: number): string;
  position(offset: number): { readonly line: number; readonly column: number };
}

/**
 * Parses exactly one YAML document, without trusting whoever wrote it.
 * @throws LedgerInvalid where it is not YAML, is several documents, repeats a key, or is a bomb
 */
export function parseManifest(text: string, path: string): ParsedManifest {
  if (text.length > LONGEST) {
    throw new LedgerInvalid(`${path} has ${text.length} characters; at most ${LONGEST} are read`, {
      data: { path },
      fix: 'Keep what Conveyor writes in a small file of its own, such as one for each service.',
    });
  }
  const lineCounter = new LineCounter();
  const position = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const where = (offset: number) => {
    const { line, column } = position(offset);
    return `${path}:${line}:${column}`;
  };
  const document = composeDocument(text, path, lineCounter, where);
  refuseAmbiguousKeys(document, path, where);
  return { path, text, document, value: plainValue(document, path), where, position };
}

function composeDocument(
  text: string,
  path: string,
  lineCounter: LineCounter,
  where: (offset: number) => string,
): Document.Parsed {
  // Unique keys are checked below: yaml compares each key with every other (20,000 keys: 12 s, measured).
  const options = {
    lineCounter,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  } as const;
  const document = parseDocument(text, options);
  const [error] = document.errors;
  if (error === undefined) return document;
  const at = where(error.pos[0]);
  if (error.code === 'MULTIPLE_DOCS') {
    throw new LedgerInvalid(`${at}: the file holds several YAML documents`, {
      data: { path },
      fix: 'Keep the document that carries the image tag in a file of its own.',
    });
  }
  throw new LedgerInvalid(`${at}: this is not YAML: ${error.message}`, {
    data: { path, code: error.code },
    fix: `Correct ${path} in the Ledger.`,
  });
}

/** Readers disagree about which of two equal keys counts, so there is no saying what an edit would do. */
function refuseAmbiguousKeys(
  document: Document.Parsed,
  path: string,
  where: (offset: number) => string,
): void {
  visit(document, {
    Map(_, map: YAMLMap) {
      if (!isMap(map)) return;
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const at = where((key as Node | null)?.range?.[0] ?? 0);
        if (!isScalar(key)) {
          throw new LedgerInvalid(`${at}: a key is not a single value`, {
            data: { path },
            fix: 'Write the key as a word.',
          });
        }
        const name = String(key.value);
        if (name === '__proto__') {
          throw new LedgerInvalid(`${at}: the key __proto__ is not accepted`, {
            data: { path },
            fix: 'Remove the key.',
          });
        }
        if (seen.has(name)) {
          throw new LedgerInvalid(`${at}: the key ${name} is there twice`, {
            data: { path, key: name },
            fix: `Keep one of the two ${name}.`,
          });
        }
        seen.add(name);
      }
    },
  });
}

function plainValue(document: Document.Parsed, path: string): unknown {
  try {
    // The library's own guard against "billion laughs": anchors may not multiply beyond this.
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw new LedgerInvalid(`${path} uses aliases in a way that cannot be read safely`, {
      data: { path },
      fix: 'Write the repeated values out.',
      cause,
    });
  }
}
