/** As Lambda does with events, and people with commands: once more where nothing was answered. */
export async function tryAgain<T>(once: () => Promise<T>): Promise<T> {
  for (let left = 2; ; left--)
    try {
      return await once();
    } catch (error) {
      if (
        left === 0 ||
        !(error instanceof Error && /^(Unavailable|Runtime\.ExitError)$/.test(error.name))
      )
        throw error;
    }
}
