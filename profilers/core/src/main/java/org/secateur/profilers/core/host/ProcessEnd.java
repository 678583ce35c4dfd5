package org.secateur.profilers.core.host;

import com.sun.jna.NativeLibrary;

/** The end of this process where something in it may hang. */
public final class ProcessEnd {
    private ProcessEnd() {}

    /**
     * Ends the process at once, by {@code _exit(2)}: without hooks of the JVM and without destructors of native
     * libraries, which {@link Runtime#halt} runs too. What is to be seen must have been flushed.
     *
     * @param code its exit code, 0 to 255
     */
    public static void now(int code) {
        try {
            NativeLibrary.getInstance("c").getFunction("_exit").invokeVoid(new Object[] {code});
        } catch (UnsatisfiedLinkError e) {
            // Then in Java's way, which is the next best.
        }
        Runtime.getRuntime().halt(code);
    }
}
