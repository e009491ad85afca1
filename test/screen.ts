/** What a terminal shows: it understands only the sequences that the live view may use, and refuses the others. */
export class Screen {
  readonly isTTY = true;
  columns: number;
  rows: number;
  #lines: string[] = [''];
  #row = 0;
  #column = 0;
  #top = 0;
  cursorHidden = false;

  constructor(columns = 100, rows = 30) {
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string, done?: (error?: Error | null) => void): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences of terminals begin with one
    const tokens = /\x1b\[(\??\d*(?:;\d+)*)([A-Za-z])|\r|\n|[^\x1b\r\n]+|\x1b/g;
    for (const [token, parameter, command] of text.matchAll(tokens)) {
      if (command) this.#control(command, parameter!);
      else if (token === '\r') this.#column = 0;
      else if (token === '\n') this.#newLine();
      else this.#print(token);
    }
    done?.();
  }

  /** Everything that was ever shown, what has scrolled away included. */
  get text(): string {
    return this.#lines.map((line) => line.trimEnd()).join('\n');
  }

  #control(command: string, parameter: string): void {
    if (command === 'A') this.#row = Math.max(this.#top, this.#row - Number(parameter));
    else if (command === 'K') this.#lines[this.#row] = this.#lines[this.#row]!.slice(0, this.#column);
    else if (command === 'J') {
      this.#lines[this.#row] = this.#lines[this.#row]!.slice(0, this.#column);
      this.#lines.length = this.#row + 1;
    } else if (parameter === '?25') this.cursorHidden = command === 'l';
    else if (command !== 'm') throw new Error(`unexpected sequence ESC[${parameter}${command}`);
  }

  #newLine(): void {
    this.#column = 0;
    if (++this.#row === this.#lines.length) this.#lines.push('');
    this.#top = Math.max(this.#top, this.#lines.length - this.rows);
  }

  #print(text: string): void {
    if (/\p{Cc}/u.test(text)) throw new Error(`control characters in ${JSON.stringify(text)}`);
    if (this.#column + text.length > this.columns) throw new Error(`wider than the screen: ${text}`);
    const line = this.#lines[this.#row]!;
    const before = line.slice(0, this.#column).padEnd(this.#column);
    this.#lines[this.#row] = before + text + line.slice(this.#column + text.length);
    this.#column += text.length;
  }
}
