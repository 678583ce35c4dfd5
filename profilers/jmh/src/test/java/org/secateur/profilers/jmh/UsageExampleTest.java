package org.secateur.profilers.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.profile.ProfilerException;
import org.openjdk.jmh.profile.ProfilerFactory;
import org.openjdk.jmh.runner.options.ProfilerConfig;

final class UsageExampleTest {
    private static final Path MODULE =
            Path.of(Objects.requireNonNull(System.getProperty("secateur.home"), "secateur.home"), "profilers/jmh");

    /** As JMH makes them: by the class's name and one text. */
    @Test
    void jmhMakesTheProfilersOfTheExample() throws ProfilerException {
        assertThat(UsageExample.options().getProfilers()).hasSize(2);
        for (ProfilerConfig profiler : UsageExample.options().getProfilers()) {
            assertThat(ProfilerFactory.getProfilerOrException(profiler).getDescription())
                    .isNotBlank();
        }
    }

    @Test
    void theReadmeShowsTheExampleAsItIsCompiled() throws IOException {
        String source = Files.readString(MODULE.resolve("src/test/java/org/secateur/profilers/jmh/UsageExample.java"));
        String example = source.substring(source.indexOf("// begin\n") + 9, source.indexOf("// end"))
                .stripTrailing()
                .stripIndent();
        assertThat(Files.readString(MODULE.resolve("README.md"))).contains("```java\n" + example + "\n```");
    }
}
