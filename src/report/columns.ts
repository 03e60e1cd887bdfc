/** Text in aligned columns, two spaces apart; the last column is not padded. */
export function alignColumns(
  rows: readonly (readonly string[])[],
  alignment: readonly ('left' | 'right')[],
): string {
  const widths = alignment.map((_, column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return alignment[column] === 'right' ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Every line two spaces in. */
export function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
