package org.secateur.models.core.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Parameters;
import org.secateur.models.core.graph.Shape;

/** The names of weights, by which files for PyTorch are written and read, are those of torchvision. */
class TorchvisionNamesTest {
    /** A network of the list, with its patterns. */
    private record Listed(String torchvision, String name, int tensors, List<String> patterns) {
        @Override
        public String toString() {
            return torchvision;
        }
    }

    static Stream<Listed> networks() {
        List<Listed> listed = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(TorchvisionNamesTest.class.getResourceAsStream("torchvision.txt")),
                StandardCharsets.UTF_8))) {
            for (String line : lines.lines().filter(l -> !l.startsWith("#")).toList()) {
                List<String> words = List.of(line.strip().split(" ", -1));
                if (line.startsWith(" ")) {
                    listed.get(listed.size() - 1).patterns().addAll(words);
                } else {
                    int tensors = Integer.parseInt(words.get(2));
                    listed.add(new Listed(words.get(0), words.get(1), tensors, new ArrayList<>()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(listed).hasSize(9);
        return listed.stream();
    }

    @ParameterizedTest
    @MethodSource("networks")
    void tensorsHaveTheNamesThatTheyHaveInTorchvision(Listed listed) {
        Network network = Zoo.network(listed.name(), Optional.of(new Shape(3, 224, 224)), OptionalInt.of(1000));
        List<String> names = listed.patterns().stream()
                .flatMap(TorchvisionNamesTest::expanded)
                .toList();
        assertThat(names).hasSize(listed.tensors()).doesNotHaveDuplicates();
        assertThat(Parameters.of(network).stream().map(Parameters.Tensor::name))
                .containsExactlyInAnyOrderElementsOf(names);
    }

    /** {@code a{1..2}.{b,c}} is a1.b, a1.c, a2.b and a2.c. */
    private static Stream<String> expanded(String pattern) {
        String text = pattern.replace("$wb", "{weight,bias}").replace("$bn", "{weight,bias,running_mean,running_var}");
        int open = text.indexOf('{');
        if (open < 0) {
            return Stream.of(text);
        }
        int close = text.indexOf('}');
        String choice = text.substring(open + 1, close);
        int dots = choice.indexOf("..");
        Stream<String> each = dots < 0
                ? Stream.of(choice.split(",", -1))
                : IntStream.rangeClosed(
                                Integer.parseInt(choice.substring(0, dots)),
                                Integer.parseInt(choice.substring(dots + 2)))
                        .mapToObj(String::valueOf);
        return each.flatMap(e -> expanded(text.substring(0, open) + e + text.substring(close + 1)));
    }
}
