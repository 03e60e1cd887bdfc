/** The backends of tfjs that this library can put in use, by name. */
export const backendNames = ['native', 'cpu', 'tensorflow'] as const;

export type BackendName = (typeof backendNames)[number];
