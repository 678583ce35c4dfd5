package org.secateur.models.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.models.core.graph.HostTensor;
import org.secateur.models.core.graph.Initializer;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Shape;
import org.secateur.models.core.graph.Surgery;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.results.core.Extent;
import org.secateur.results.core.SecateurException;

/** Files that are damaged or mean harm: each is refused with a reason, and nothing is allocated on its word. */
class SafetensorsTest {
    @TempDir
    Path folder;

    private static byte[] sample() {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        tensors.put("conv1.weight", new HostTensor(new int[] {2, 3}, new float[] {1, 2, 3, 4, 5, 6}));
        tensors.put("bn1.running_mean", new HostTensor(new int[] {2}, new float[] {-1, 0.5f}));
        return new Safetensors(tensors, Map.of("epoch", "3")).encode().array();
    }

    /** A file of this header with eight floats; without a digest, which is looked at last. */
    private static byte[] file(String header) {
        byte[] head = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + head.length + 32)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(head.length)
                .put(head)
                .array();
    }

    private static String tensor(String name, String shape, long from, long to) {
        return "\"" + name + "\":{\"dtype\":\"F32\",\"shape\":" + shape + ",\"data_offsets\":[" + from + "," + to
                + "]}";
    }

    private static void assertRefused(byte[] bytes, String reason) {
        assertThatThrownBy(() -> Safetensors.decode(bytes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void noPrefixOfAFileIsAFile() {
        byte[] whole = sample();
        assertThat(Safetensors.decode(whole.clone()).tensors()).hasSize(2);
        for (int length = 0; length < whole.length; length++) {
            byte[] prefix = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> Safetensors.decode(prefix)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** The digest stands for the whole file, so that no mutation of any byte passes; the campaign draws many more. */
    @Test
    void noMutationIsAFile() {
        int mutations = Boolean.getBoolean("secateur.campaign") ? 1_000_000 : 20_000;
        byte[] whole = sample();
        SplittableRandom random = new SplittableRandom(11);
        for (int i = 0; i < mutations; i++) {
            byte[] mutant = whole.clone();
            int changes = 1 + random.nextInt(4);
            for (int j = 0; j < changes; j++) {
                mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
            }
            if (!Arrays.equals(mutant, whole)) {
                assertThatThrownBy(() -> Safetensors.decode(mutant)).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void aTensorIsNoLargerThanItsBytes() {
        assertRefused(file("{" + tensor("w", "[2147483647,2147483647,4]", 0, 32) + "}"), "more than an array holds");
        assertRefused(file("{" + tensor("w", "[65536,65536,65536,65536]", 0, 0) + "}"), "more than an array holds");
        assertRefused(file("{" + tensor("w", "[-8]", 0, 32) + "}"), "sizes must be at least 1");
        assertRefused(file("{" + tensor("w", "[4294967304]", 0, 32) + "}"), "size 4294967304 of a tensor");
        assertRefused(file("{" + tensor("w", "[\"8\"]", 0, 32) + "}"), "of a tensor: expected an int");
        assertRefused(file("{" + tensor("w", "[8]", 0, 31) + "}"), "a tensor has 31 bytes");
        assertRefused(file("{" + tensor("w", "[8]", 0, 1L << 60) + "}"), "within w");
        assertRefused(file("{" + tensor("w", "[8]", -4, 28) + "}"), "begins at byte -4");
    }

    /** Else a small file could fill the memory with many tensors of the same bytes. */
    @Test
    void tensorsDoNotShareBytes() {
        assertRefused(
                file("{" + tensor("a", "[8]", 0, 32) + "," + tensor("b", "[8]", 0, 32) + "}"),
                "tensor b begins at byte 0 of the values: expected 32");
    }

    /** PyTorch's own writer sorts the header by type and name, and counts batches in whole numbers. */
    @Test
    void filesOfOtherWritersAreReadByName() throws IOException {
        String header = "{\"bn.num_batches_tracked\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[24,32]},"
                + tensor("fc.weight", "[2,2]", 0, 16) + "," + tensor("fc.bias", "[2]", 16, 24) + "}";
        Network network = new Network(
                "one", new Shape(2, 1, 1), 2, List.of(new Node("fc", new Layer.Linear(2, true), List.of("input"))));
        Path file = Files.write(folder.resolve("fc.safetensors"), file(header));
        assertThat(WeightsFile.read(file, network).parameters()).containsOnlyKeys("fc.weight", "fc.bias");
        assertThatThrownBy(() -> WeightsFile.read(file, Zoo.network("resnet8")))
                .isInstanceOf(SecateurException.class)
                .hasMessageContaining(
                        "these are not the weights of resnet8: it has no tensor conv1.weight of type F32");
    }

    /** As fine-tuning wants it: of a classifier for other classes nothing is taken, of any other layer all. */
    @Test
    void onlyTheLayerOfTheLogitsMayHaveOtherClasses() throws IOException {
        Network network = Zoo.network("resnet8");
        Network other = Zoo.network("resnet8", Optional.empty(), OptionalInt.of(3));
        Path file = folder.resolve("other.safetensors");
        ModelState state = new Initializer(1).initialize(other);
        new Checkpoint(other, state, Map.of()).write(file);
        ModelState fresh = new Initializer(2).initialize(network);
        WeightsFile read = WeightsFile.read(file, network, fresh);
        assertThat(read.freshHead()).contains("fc");
        assertThat(read.state().parameter("fc.weight")).isEqualTo(fresh.parameter("fc.weight"));
        assertThat(read.state().parameter("fc.bias")).isEqualTo(fresh.parameter("fc.bias"));
        assertThat(read.state().parameter("layer3.0.conv1.weight"))
                .isEqualTo(state.parameter("layer3.0.conv1.weight"))
                .isNotEqualTo(fresh.parameter("layer3.0.conv1.weight"));
        assertThat(WeightsFile.read(file, other, fresh).freshHead()).isEmpty();
        assertThatThrownBy(() -> WeightsFile.read(file, network)).hasMessageContaining("tensor fc.weight has shape");
        Network narrow = Surgery.shrink(network, Map.of("conv1", new int[] {0, 1, 2}));
        assertThatThrownBy(() -> WeightsFile.read(file, narrow, new Initializer(2).initialize(narrow)))
                .hasMessageContaining("tensor conv1.weight has shape [16, 3, 3, 3]: expected [3, 3, 3, 3]");
        Network squeezed = Zoo.network("squeezenet", Optional.empty(), OptionalInt.of(2));
        Path large = folder.resolve("large.safetensors");
        new Checkpoint(squeezed, new Initializer(1).initialize(squeezed), Map.of()).write(large);
        Network ours = Zoo.network("squeezenet", Optional.empty(), OptionalInt.of(4));
        assertThat(WeightsFile.read(large, ours, new Initializer(2).initialize(ours))
                        .freshHead())
                .contains("classifier.1");
    }

    @Test
    void namesOfParallelTrainingsAndOfOlderDenseNetsAreKnown() throws IOException {
        Layer convolution = new Layer.Convolution(1, Extent.of(1), Extent.of(1), Extent.of(0), Extent.of(1), 1, false);
        String name = "features.denseblock1.denselayer12.conv2";
        Network network = new Network(
                "one",
                new Shape(1, 1, 1),
                1,
                List.of(
                        new Node(name, convolution, List.of("input")),
                        new Node("fc", new Layer.Linear(1, false), List.of(name))));
        String header = "{" + tensor("module.fc.weight", "[1,1]", 0, 4) + ","
                + tensor("features.denseblock1.denselayer12.conv.2.weight", "[1,1,1,1]", 4, 8) + ","
                + tensor("rest", "[6]", 8, 32) + "}";
        Path file = Files.write(folder.resolve("older.safetensors"), file(header));
        assertThat(WeightsFile.read(file, network).parameters()).containsOnlyKeys("fc.weight", name + ".weight");
    }

    @Test
    void numbersOfHalfTheSizeAreWidenedAndEmptyTensorsLeftOut() {
        String header = "{\"half\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]},"
                + "\"brain\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[4,8]},"
                + tensor("none", "[0,3]", 8, 8) + "," + tensor("rest", "[6]", 8, 32) + "}";
        byte[] bytes = file(header);
        ByteBuffer values =
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).position(bytes.length - 32);
        values.putShort(Float.floatToFloat16(-1.5f)).putShort(Float.floatToFloat16(65504));
        values.putShort((short) (Float.floatToIntBits(3.5f) >>> 16))
                .putShort((short) (Float.floatToIntBits(-1e30f) >>> 16));
        Map<String, HostTensor> tensors = Safetensors.decodeAny(bytes).tensors();
        assertThat(tensors).containsOnlyKeys("half", "brain", "rest");
        assertThat(tensors)
                .hasEntrySatisfying("half", half -> assertThat(half.data()).containsExactly(-1.5f, 65504));
        assertThat(tensors).hasEntrySatisfying("brain", brain -> {
            assertThat(brain.data()[0]).isEqualTo(3.5f);
            assertThat(brain.data()[1]).isCloseTo(-1e30f, withinPercentage(1));
        });
    }

    /** No digest guards these: a mutant is read or refused, and nothing else happens. */
    @Test
    void mutantsOfOtherWritersFilesAreReadOrRefused() {
        byte[] whole = file("{" + tensor("fc.weight", "[2,2]", 0, 16) + "," + tensor("fc.bias", "[4]", 16, 32) + "}");
        SplittableRandom random = new SplittableRandom(12);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] mutant = whole.clone();
            for (int j = 0; j <= random.nextInt(3); j++) {
                mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
            }
            try {
                assertThat(Safetensors.decodeAny(mutant).tensors()).hasSizeLessThanOrEqualTo(2);
            } catch (IllegalArgumentException e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(10_000, 19_999);
    }

    @Test
    void aHeaderIsNoLargerOrDeeperThanOneNeedsToBe() {
        assertRefused(file("[".repeat(100_000)), "its header is no JSON");
        assertThatThrownBy(() -> Safetensors.decodeAny(file(" ".repeat(5_000_000))))
                .hasMessageContaining("its header has 5000000 bytes");
        byte[] endless = sample();
        ByteBuffer.wrap(endless).order(ByteOrder.LITTLE_ENDIAN).putLong(Long.MAX_VALUE);
        assertRefused(endless, "do not hold a header");
    }
}
