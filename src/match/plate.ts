const plateLengthMax = 10;

/**
 * A plate as it is compared: A-Z and 0-9 only, upper case, separators gone.
 * @returns `null` when nothing, or more than a plate, is left.
 */
export function normalisePlate(text: string): string | null {
  const plate = text.toUpperCase().replace(/[\s.\-_·•]/g, '');
  return plate.length > 0 && plate.length <= plateLengthMax && /^[A-Z0-9]+$/.test(plate) ? plate : null;
}
