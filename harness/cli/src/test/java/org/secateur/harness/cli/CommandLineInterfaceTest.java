package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.secateur.profilers.core.sampler.Surroundings;
import picocli.CommandLine;

final class CommandLineInterfaceTest {
    private static final String HELP = """
            Secateur measures what each layer of a convolutional network costs on this machine
            and prunes the network while it trains, by those measurements.

            Usage: secateur COMMAND [OPTIONS]     (secateur COMMAND --help tells the options)
              run       profile, train and prune by cost, measure again, report
              doctor    what can be measured here         bench     JMH benchmarks
              network   layers, shapes, counts, groups    profile   measure into a table
              predict   cost from a table                 compare   two things, with a verdict
              train, prune   dense, or under a budget     history   where results changed
              table     show, check, export, import       report    a run as HTML
              bundle, gpu-check   for other machines      java FILE.java   a network of your own
            Examples:
              secateur run --quick
              secateur run --network resnet20 --data cifar10:DIR --epochs 30 --budget train-step=0.6
            --json gives every command's result as JSON; --version names this version.
            """;

    @ParameterizedTest
    @ValueSource(strings = {"", "--help", "-h", "help"})
    void withoutACommandTheHelpFitsFifteenLines(String args) {
        Run run = args.isEmpty() ? Run.withoutDevice() : Run.withoutDevice(args);
        assertThat(run.exit()).isZero();
        assertThat(run.out()).isEqualTo(HELP);
        assertThat(run.out().lines()).hasSize(15);
    }

    @Test
    void theVersionIsOneLine() {
        Run run = Run.withoutDevice("--version");
        assertThat(run.exit()).isZero();
        assertThat(run.out()).matches("secateur \\S+ \\(\\S+\\)\n");
    }

    static Stream<List<String>> commands() {
        return Stream.of(
                List.of("run"),
                List.of("prune"),
                List.of("train"),
                List.of("report"),
                List.of("bench"),
                List.of("doctor"),
                List.of("network"),
                List.of("profile"),
                List.of("predict"),
                List.of("compare"),
                List.of("history"),
                List.of("bundle"),
                List.of("gpu-check"),
                List.of("table"),
                List.of("table", "show"),
                List.of("table", "check"),
                List.of("table", "export"),
                List.of("table", "import"));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandExplainsItselfWithExamples(List<String> command) {
        Run run = Run.withoutDevice(
                Stream.concat(command.stream(), Stream.of("--help")).toArray(String[]::new));
        assertThat(run.exit()).isZero();
        assertThat(run.out())
                .startsWith("Usage: secateur " + String.join(" ", command))
                .contains("Examples:\n  secateur " + String.join(" ", command));
    }

    /** Each command's own tests check that its documents fit; this finds a command whose documents nobody described. */
    @Test
    void everyCommandWithADocumentHasASchema() throws IOException {
        List<String> described = new ArrayList<>();
        try (Stream<Path> schemas = Files.list(Run.home().resolve("docs/schema"))) {
            for (Path schema : schemas.toList()) {
                JsonNode command = new ObjectMapper().readTree(schema.toFile()).at("/properties/command");
                described.add(command.path("const").asText());
                command.path("enum").forEach(name -> described.add(name.asText()));
            }
        }
        Console console =
                new Console(new PrintWriter(Writer.nullWriter()), new PrintWriter(Writer.nullWriter()), false);
        Session session = new Session(
                console,
                Map.of(),
                id -> {
                    throw new IllegalStateException("no device is opened here");
                },
                Surroundings.host());
        List<String> commands = new ArrayList<>();
        documented(CommandLineInterface.line(session), commands);
        assertThat(commands).contains("run", "table show");
        assertThat(described).containsAll(commands);
    }

    private static void documented(CommandLine line, List<String> names) {
        if (line.getSubcommands().isEmpty() && line.getCommandSpec().findOption("--json") != null) {
            names.add(line.getCommandSpec().qualifiedName().replaceFirst("secateur ", ""));
        }
        line.getSubcommands().values().forEach(sub -> documented(sub, names));
    }

    @Test
    void anUnknownCommandSuggestsTheNearestAndListsTheRest() {
        Run run = Run.withoutDevice("netwrok", "--json");
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err())
                .contains("unknown command netwrok")
                .contains("did you mean network?")
                .contains("profile");
        run.json("error");
    }

    @Test
    void anUnknownOptionSuggestsTheNearest() {
        Run run = Run.withoutDevice("network", "resnet8", "--widhts", "x");
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err()).contains("--widhts").contains("--widths");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void whatWasNotForeseenIsAFailureWithItsTrace() {
        Run run = Run.of(
                id -> {
                    throw new IllegalStateException("boom");
                },
                Surroundings.host(),
                "profile",
                "--network",
                "resnet8",
                "--json");
        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.err()).contains("boom").contains("\tat org.secateur");
        assertThat(run.json("error").at("/error/exit").asInt()).isEqualTo(1);
    }

    @Test
    void outOfMemoryIsAFailureThatSaysSo() {
        Run run = Run.of(
                id -> {
                    throw new OutOfMemoryError("Java heap space");
                },
                Surroundings.host(),
                "profile",
                "--network",
                "resnet8",
                "--json");
        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.err()).startsWith("secateur: out of memory: Java heap space");
        run.json("error");
    }
}
