/** The package ships no types. */
declare module 'asl-validator' {
  /** Writes each state's query language into the definition. */
  export default function validate(definition: object): {
    readonly isValid: boolean;
    errorsText(separator?: string): string;
  };
}
