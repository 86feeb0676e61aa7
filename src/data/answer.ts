/**
 * What control says of a report. `kept`: all of it is durable, the engine may forget it. `matched`: any alert of it is durable, but history can
 * not take it now; tell it again later, for the history alone. `again`: neither; tell it again as it is.
 */
export type Answer = 'kept' | 'matched' | 'again';
