package org.secateur.harness.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

class RunDirectoryTest {
    @TempDir
    Path root;

    @Test
    void anUnfinishedRunIsContinued() {
        try (RunDirectory first = open(false)) {
            assertThat(first.continued()).isFalse();
            assertThat(first.path()).isEqualTo(root.resolve("run-x"));
        }
        try (RunDirectory second = open(false)) {
            assertThat(second.continued()).isTrue();
            assertThat(second.path()).isEqualTo(root.resolve("run-x"));
            assertThat(second.file("a")).isEqualTo(root.resolve("run-x").resolve("a"));
        }
    }

    @Test
    void aFinishedRunOpensTheNextNumber() {
        for (String expected : new String[] {"run-x", "run-x-2", "run-x-3"}) {
            try (RunDirectory directory = open(false)) {
                assertThat(directory.path()).isEqualTo(root.resolve(expected));
                assertThat(directory.continued()).isFalse();
                directory.finish();
            }
        }
    }

    @Test
    void aFreshRunNeverContinues() {
        try (RunDirectory left = open(false)) {
            assertThat(left.path()).exists();
        }
        try (RunDirectory fresh = open(true)) {
            assertThat(fresh.continued()).isFalse();
            assertThat(fresh.path()).isEqualTo(root.resolve("run-x-2"));
        }
        try (RunDirectory first = open(false)) {
            assertThat(first.path()).isEqualTo(root.resolve("run-x"));
        }
    }

    @Test
    void whoHoldsARunIsNamed() {
        try (RunDirectory held = open(false)) {
            for (int attempt = 0; attempt < 2; attempt++) {
                assertThatThrownBy(() -> open(false))
                        .isInstanceOf(SecateurException.class)
                        .hasMessageContainingAll(
                                "process " + ProcessHandle.current().pid(),
                                held.path().toString())
                        .extracting(e -> ((SecateurException) e).exit())
                        .isEqualTo(ExitCode.ENVIRONMENT);
            }
        }
        try (RunDirectory freed = open(false)) {
            assertThat(freed.continued()).isTrue();
        }
    }

    /** A POSIX lock is gone as soon as its process closes any channel of the file. */
    @Test
    void aSecondAttemptOfTheSameProcessKeepsOthersOut() throws Exception {
        try (RunDirectory held = open(false)) {
            assertThat(ofAnotherProcess()).contains("works in this run");
            assertThatThrownBy(() -> open(false)).isInstanceOf(SecateurException.class);
            assertThat(ofAnotherProcess())
                    .contains("process " + ProcessHandle.current().pid(), "works in this run")
                    .doesNotContain("opened");
            assertThat(held.path()).exists();
        }
        assertThat(ofAnotherProcess()).contains("opened");
    }

    /** What another process says when it opens the directory. */
    private String ofAnotherProcess() throws Exception {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Opener.class.getName(),
                        root.toString())
                .redirectErrorStream(true)
                .start();
        String told = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        other.waitFor();
        return told;
    }

    /** The other process. */
    static final class Opener {
        private Opener() {}

        public static void main(String[] args) {
            try (RunDirectory directory = RunDirectory.open(Path.of(args[0]), "run-x", false)) {
                System.out.println("opened " + directory.path());
            }
        }
    }

    @Test
    void aFileInItsPlaceIsRefusedInOneSentence() throws Exception {
        Files.writeString(root.resolve("run-x"), "");
        assertThatThrownBy(() -> open(false))
                .isInstanceOf(SecateurException.class)
                .hasMessageContaining("run-x")
                .extracting(e -> ((SecateurException) e).exit())
                .isEqualTo(ExitCode.ENVIRONMENT);
    }

    private RunDirectory open(boolean fresh) {
        return RunDirectory.open(root, "run-x", fresh);
    }
}
