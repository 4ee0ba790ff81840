/** What the one function of all cases is told to do by its payload. The same code runs in process and in the twin. */
export type Told =
  | { readonly do: 'echo'; readonly value: unknown }
  | { readonly do: 'nothing' }
  | { readonly do: 'throw'; readonly error: string; readonly message?: string }
  /** Throws these errors call by call, an empty one being a success; then succeeds. */
  | { readonly do: 'stumble'; readonly key: string; readonly errors: readonly string[] }
  | { readonly do: 'count'; readonly key: string }
  /** Takes that long. */
  | { readonly do: 'hang'; readonly seconds: number }
  | { readonly do: 'large'; readonly bytes: number }
  | { readonly do: 'answer'; readonly token: string; readonly with: readonly Answer[] }
  /** As `answer`, with another list for each call. */
  | {
      readonly do: 'answer by turns';
      readonly key: string;
      readonly token: string;
      readonly turns: readonly (readonly Answer[])[];
    };

export type Answer =
  | { readonly succeed: unknown }
  | { readonly fail: { readonly error: string; readonly cause: string } }
  | { readonly heartbeat: true }
  | { readonly pause: number };

/** What the script needs of where it runs. */
export interface Place {
  /** How often this has been called with this key, this time included. */
  count(key: string): Promise<number> | number;
  hang(seconds: number): Promise<unknown>;
  answer(token: string, answers: readonly Answer[]): Promise<void> | void;
}

export async function perform(told: Told, place: Place): Promise<unknown> {
  switch (told.do) {
    case 'echo':
      return told.value;
    case 'nothing':
      return undefined;
    case 'throw':
      throw named(told.error, told.message ?? 'as told');
    case 'stumble': {
      const calls = await place.count(told.key);
      const error = told.errors[calls - 1];
      if (error !== undefined && error !== '') throw named(error, `call ${calls}`);
      return { calls };
    }
    case 'count':
      return place.count(told.key);
    case 'hang':
      return place.hang(told.seconds);
    case 'large':
      return 'x'.repeat(told.bytes);
    case 'answer':
      await place.answer(told.token, told.with);
      return { asked: true };
    case 'answer by turns': {
      const calls = await place.count(told.key);
      await place.answer(told.token, told.turns[calls - 1] ?? []);
      return { asked: true };
    }
  }
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
