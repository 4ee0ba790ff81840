/** Looks on at every call of a port, before it is made and after it has taken effect; what it throws, the caller gets. */
export interface Tap {
  before?(call: string): void | Promise<void>;
  after?(call: string): void | Promise<void>;
}

/** The port with a tap on each of its methods; whoever holds the port itself is not heard. */
export function tapped<T extends object>(name: string, port: T, tap: Tap): T {
  return new Proxy(port, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        const call = `${name}.${String(key)}`;
        await tap.before?.(call);
        const result: unknown = await Reflect.apply(member, target, args);
        await tap.after?.(call);
        return result;
      };
    },
  });
}
