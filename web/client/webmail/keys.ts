// Single keys as commands, unless someone is typing.

/** Run the command of a pressed key, if there is one and nobody is writing. */
export function keys(event: KeyboardEvent, commands: Record<string, () => unknown>): void {
  const target = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (target.closest("input:not([type=checkbox]), textarea, select, .compose")) return;
  const command = commands[event.key];
  if (command) {
    event.preventDefault();
    command();
  }
}
