package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class StandardOutputTest {
    private static StandardOutput failing(String message) {
        StandardOutput output = new StandardOutput(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException(message);
            }
        });
        PrintWriter writer = new PrintWriter(output, true, StandardCharsets.UTF_8);
        writer.println("a line");
        return output;
    }

    @Test
    void aReaderThatWentAwayIsNoFailure() {
        assertThat(failing("Broken pipe").failure()).isEmpty();
    }

    @Test
    void aFullDiskIsOne() {
        assertThat(failing("No space left on device").failure())
                .hasValueSatisfying(e -> assertThat(e).hasMessage("No space left on device"));
    }
}
