package org.secateur.results.core;

/**
 * A failure that a user can understand and mend: what failed, on what, and what to do, each in a few words. Every
 * exception that the project throws on purpose is this or an {@link IllegalArgumentException}.
 */
public final class SecateurException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ExitCode exit;
    private final String what;
    private final String on;
    private final String fix;

    /**
     * A failure.
     *
     * @param exit the exit code it leads to
     * @param what what failed, as a sentence without full stop
     * @param on the file, device or option that it failed on
     * @param fix what the user can do about it
     */
    public SecateurException(ExitCode exit, String what, String on, String fix) {
        super(what + " (" + on + "): " + fix);
        this.exit = exit;
        this.what = what;
        this.on = on;
        this.fix = fix;
    }

    /** The same with the exception that caused it. */
    public SecateurException(ExitCode exit, String what, String on, String fix, Throwable cause) {
        super(what + " (" + on + "): " + fix, cause);
        this.exit = exit;
        this.what = what;
        this.on = on;
        this.fix = fix;
    }

    /** A named file, option or value is wrong. */
    public static SecateurException badInput(String what, String on, String fix) {
        return new SecateurException(ExitCode.BAD_INPUT, what, on, fix);
    }

    /** The environment lacks something. */
    public static SecateurException environment(String what, String on, String fix) {
        return new SecateurException(ExitCode.ENVIRONMENT, what, on, fix);
    }

    public ExitCode exit() {
        return exit;
    }

    public String what() {
        return what;
    }

    public String on() {
        return on;
    }

    public String fix() {
        return fix;
    }
}
