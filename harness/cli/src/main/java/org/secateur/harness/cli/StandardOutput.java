package org.secateur.harness.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A stream that remembers its first failure, which a {@link java.io.PrintWriter} swallows, and then takes no more. */
final class StandardOutput extends FilterOutputStream {
    private @Nullable IOException failure;

    StandardOutput(OutputStream out) {
        super(out);
    }

    /** Why it failed, unless it did not or only because the reader went away, as {@code head} does. */
    Optional<IOException> failure() {
        return Optional.ofNullable(failure)
                .filter(e -> !String.valueOf(e.getMessage()).contains("Broken pipe"));
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        if (failure == null) {
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                failure = e;
            }
        }
    }

    @Override
    public void flush() {
        if (failure == null) {
            try {
                out.flush();
            } catch (IOException e) {
                failure = e;
            }
        }
    }
}
