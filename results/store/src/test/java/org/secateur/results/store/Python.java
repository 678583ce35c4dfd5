package org.secateur.results.store;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;

/** Whether python3 runs here. */
final class Python {
    private Python() {}

    /** Skips the calling test, with the reason, where it does not. */
    static void requirePresent() throws InterruptedException {
        boolean present;
        try {
            present = new ProcessBuilder("python3", "--version")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            present = false;
        }
        if (!present) {
            System.out.println("skipped: python3 is not installed, so the reader of tables cannot be tried");
        }
        assumeTrue(present, "python3 is not installed");
    }
}
