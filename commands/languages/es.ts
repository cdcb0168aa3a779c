import { en } from './en.ts';

export const es: Readonly<Record<keyof typeof en, string>> = { ...en };
