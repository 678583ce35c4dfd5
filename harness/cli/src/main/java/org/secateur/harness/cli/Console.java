package org.secateur.harness.cli;

import java.io.PrintWriter;
import java.util.Locale;

/**
 * Where a command prints: results on standard output, everything else on standard error.
 *
 * @param terminal whether standard error is a terminal, so that a progress line may rewrite itself
 */
record Console(PrintWriter out, PrintWriter err, boolean terminal) {

    /** Lines of the result. */
    void result(String text) {
        out.print(text.endsWith("\n") ? text : text + "\n");
        out.flush();
    }

    /** A line of what is going on. */
    void note(String line) {
        err.print(line + "\n");
        err.flush();
    }

    /** A progress line: replaces itself on a terminal, else it is a line of its own. */
    void progress(String line) {
        if (terminal) {
            err.printf(Locale.ROOT, "\r\u001b[K%s", line);
            err.flush();
        } else {
            note(line);
        }
    }

    /** Removes a progress line from a terminal. */
    void endProgress() {
        if (terminal) {
            err.print("\r\u001b[K");
            err.flush();
        }
    }
}
