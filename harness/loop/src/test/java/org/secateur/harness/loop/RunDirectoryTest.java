package org.secateur.harness.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
