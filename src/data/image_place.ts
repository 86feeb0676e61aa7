/** Where a read's images lie: which pack of which UTC day of capture, and where in it. */
export interface ImagePlace {
  readonly day: string;
  readonly pack: number;
  readonly offset: number;
}
