package org.secateur.results.core;

/** The exit codes of the command line. */
public enum ExitCode {
    /** Done. */
    DONE(0),
    /** The work failed, a regression is confirmed, or a budget is missed under {@code --strict}. */
    FAILED(1),
    /** Arguments or a named file is wrong. */
    BAD_INPUT(2),
    /** The environment lacks something: JDK, device, library, disk, a usable store, a fit machine. */
    ENVIRONMENT(3),
    /** UNDECIDED under {@code --strict}. */
    UNDECIDED(4);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    /** The process's exit status. */
    public int code() {
        return code;
    }
}
