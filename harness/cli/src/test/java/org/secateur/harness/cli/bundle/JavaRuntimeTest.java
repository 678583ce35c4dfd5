package org.secateur.harness.cli.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

final class JavaRuntimeTest {
    /** A jlink that prints and leaves. */
    private record Tool(int exit, String printed) implements ToolProvider {
        @Override
        public String name() {
            return "jlink";
        }

        @Override
        public int run(PrintWriter out, PrintWriter err, String... args) {
            assertThat(List.of(args)).containsSubsequence("--output", "runtime");
            out.print(printed);
            return exit;
        }
    }

    @Test
    void aJavaThatCannotLinkIsToldInOneSentence() {
        assertThatExceptionOfType(SecateurException.class)
                .isThrownBy(() -> JavaRuntime.link(Optional.empty(), Path.of("runtime")))
                .satisfies(e -> assertThat(e.exit()).isEqualTo(ExitCode.ENVIRONMENT))
                .satisfies(e -> assertThat(e.what()).endsWith(": it has no jlink"));
        Tool refusing = new Tool(1, "\nError: lib/security/cacerts has been modified\nmore\n");
        assertThatExceptionOfType(SecateurException.class)
                .isThrownBy(() -> JavaRuntime.link(Optional.of(refusing), Path.of("runtime")))
                .satisfies(e -> assertThat(e.exit()).isEqualTo(ExitCode.ENVIRONMENT))
                .satisfies(e -> assertThat(e.what()).endsWith(": lib/security/cacerts has been modified"))
                .satisfies(e -> assertThat(e.on()).contains(System.getProperty("java.home")));
        assertThatExceptionOfType(SecateurException.class)
                .isThrownBy(() -> JavaRuntime.link(Optional.of(new Tool(2, "")), Path.of("runtime")))
                .satisfies(e -> assertThat(e.what()).endsWith(": jlink left with 2"));
    }

    @Test
    void warningsAreNoFailure() {
        JavaRuntime.link(Optional.of(new Tool(0, "Warning: whatever\n")), Path.of("runtime"));
    }
}
