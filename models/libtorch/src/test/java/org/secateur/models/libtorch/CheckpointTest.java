package org.secateur.models.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.models.core.graph.HostTensor;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

class CheckpointTest {
    @TempDir
    Path directory;

    @Test
    void whatIsWrittenIsReadBackToTheBit() {
        Checkpoint checkpoint = checkpoint(1);
        checkpoint.write(file());
        Checkpoint read = Checkpoint.read(file());
        assertThat(read).isEqualTo(checkpoint);
        assertThat(read.metadata()).containsEntry("epoch", "1").hasSize(2);
    }

    @Test
    void theFileIsSafetensorsForAnyReader() throws IOException {
        Checkpoint checkpoint = checkpoint(1);
        checkpoint.write(file());
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file())).order(ByteOrder.LITTLE_ENDIAN);
        int length = (int) bytes.getLong();
        JsonNode header = new ObjectMapper().readTree(new String(bytes.array(), 8, length, StandardCharsets.UTF_8));
        assertThat((8 + length) % 8).isZero();
        header.path("__metadata__")
                .forEach(value -> assertThat(value.isTextual()).isTrue());
        JsonNode weight = header.path("momentum.conv1.weight");
        assertThat(weight.path("dtype").asText()).isEqualTo("F32");
        assertThat(weight.path("shape").toString()).isEqualTo("[5,3,3,3]");
        int offset = weight.path("data_offsets").path(0).asInt();
        assertThat(weight.path("data_offsets").path(1).asInt() - offset).isEqualTo(4 * 135);
        assertThat(bytes.getFloat(8 + length + offset))
                .isEqualTo(TestNetworks.momentum(checkpoint.state(), "conv1.weight")[0]);
        long expected = 0;
        for (var entry : header.properties()) {
            if (!entry.getKey().equals("__metadata__")) {
                assertThat(entry.getValue().path("data_offsets").path(0).asLong())
                        .as("no holes before %s", entry.getKey())
                        .isEqualTo(expected);
                expected = entry.getValue().path("data_offsets").path(1).asLong();
            }
        }
        assertThat(8 + length + expected).isEqualTo(bytes.capacity());
    }

    @Test
    void aFileThatEndsAnywhereTooEarlyIsRefused() throws IOException {
        checkpoint(1).write(file());
        byte[] whole = Files.readAllBytes(file());
        for (int length : new int[] {0, 7, 8, 100, whole.length / 2, whole.length - 1}) {
            Files.write(file(), Arrays.copyOf(whole, length));
            assertDamaged();
        }
        Files.write(file(), Arrays.copyOf(whole, whole.length + 1));
        assertDamaged();
    }

    @Test
    void oneWrongBitAnywhereIsRefused() throws IOException {
        checkpoint(1).write(file());
        byte[] whole = Files.readAllBytes(file());
        for (int at = 0; at < whole.length; at += 61) {
            byte[] wrong = whole.clone();
            wrong[at] ^= 1;
            Files.write(file(), wrong);
            assertDamaged();
        }
    }

    /** Whatever the bytes say, the refusal is the one clear sentence, and the one before is taken. */
    @Test
    void damageAtRandomPlacesIsRefusedAndPassedOver() throws IOException {
        checkpoint(1).write(file());
        checkpoint(2).write(file());
        byte[] whole = Files.readAllBytes(file());
        Random random = new Random(7);
        int times = Boolean.getBoolean("secateur.campaign") ? 20_000 : 100;
        for (int i = 0; i < times; i++) {
            byte[] wrong = whole.clone();
            int at = random.nextInt(whole.length);
            switch (random.nextInt(3)) {
                case 0 -> wrong = Arrays.copyOf(whole, at);
                case 1 -> wrong[at] ^= (byte) (1 + random.nextInt(255));
                default -> Arrays.fill(wrong, at, wrong.length, (byte) (whole[at] + 1)); // blocks never written
            }
            Files.write(file(), wrong);
            assertDamaged();
            Checkpoint.Restored restored = Checkpoint.restore(file());
            assertThat(restored.checkpoint()).isEqualTo(checkpoint(1));
            assertThat(restored.refused()).isPresent();
        }
    }

    @Test
    void twoDamagedFilesAreRefusedWithWhatIsWrongWithEach() throws IOException {
        checkpoint(1).write(file());
        checkpoint(2).write(file());
        Files.write(file(), new byte[100]);
        Files.write(Checkpoint.previous(file()), new byte[3]);
        assertThatThrownBy(() -> Checkpoint.restore(file()))
                .isInstanceOfSatisfying(
                        SecateurException.class, e -> assertThat(e.exit()).isEqualTo(ExitCode.BAD_INPUT))
                .hasMessageContaining("its 100 bytes do not hold a header")
                .hasMessageContaining("the one before it")
                .hasMessageContaining("its 3 bytes do not hold a header");
    }

    @Test
    void aFileOfAnotherKindIsRefused() throws IOException {
        Files.writeString(file(), "a text that is no checkpoint, but long enough to have a header");
        assertDamaged();
    }

    @Test
    void theOneBeforeIsUsedWhereTheNewestIsDamaged() throws IOException {
        checkpoint(1).write(file());
        checkpoint(2).write(file());
        assertThat(Checkpoint.restore(file()).refused()).isEmpty();
        Files.write(file(), new byte[100]);
        Checkpoint.Restored restored = Checkpoint.restore(file());
        assertThat(restored.checkpoint()).isEqualTo(checkpoint(1));
        assertThat(restored.refused()).hasValueSatisfying(e -> assertThat(e).hasMessageContaining("damaged"));
    }

    @Test
    void theOneBeforeIsUsedWhereAKillCameBetweenTheTwoRenames() throws IOException {
        checkpoint(1).write(file());
        Files.move(file(), Checkpoint.previous(file()));
        assertThat(Checkpoint.restore(file()).checkpoint()).isEqualTo(checkpoint(1));
    }

    @Test
    void aDamagedFileNeverBecomesTheOneBefore() throws IOException {
        checkpoint(1).write(file());
        checkpoint(2).write(file());
        Files.write(file(), new byte[100]);
        checkpoint(3).write(file());
        assertThat(Checkpoint.read(file())).isEqualTo(checkpoint(3));
        assertThat(Checkpoint.read(Checkpoint.previous(file()))).isEqualTo(checkpoint(1));
    }

    @Test
    void aFullDiskLeavesTheOldFileIntact() throws IOException {
        Path full = Path.of("/dev/full");
        assumeThat(Files.isWritable(full)).as("this system has /dev/full").isTrue();
        checkpoint(1).write(file());
        Files.createSymbolicLink(directory.resolve("run.safetensors.tmp"), full);
        assertThatThrownBy(() -> checkpoint(2).write(file()))
                .isInstanceOfSatisfying(
                        SecateurException.class, e -> assertThat(e.exit()).isEqualTo(ExitCode.ENVIRONMENT))
                .hasMessageContaining("free disk space");
        assertThat(Checkpoint.read(file())).isEqualTo(checkpoint(1));
        assertThat(directory).isDirectoryNotContaining(path -> path.toString().endsWith(".tmp"));
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> Checkpoint.restore(file()))
                .isInstanceOf(SecateurException.class)
                .hasMessageContaining("does not exist")
                .hasMessageContaining("run.safetensors");
    }

    @Test
    void everyKindOfLayerSurvivesAsJson() {
        Network network = TestNetworks.everything();
        assertThat(NetworkJson.read(NetworkJson.write(network))).isEqualTo(network);
        assertThatThrownBy(() -> NetworkJson.read("{\"name\":\"x\"}")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> NetworkJson.read("{")).isInstanceOf(IllegalArgumentException.class);
    }

    private void assertDamaged() {
        assertThatThrownBy(() -> Checkpoint.read(file()))
                .isInstanceOfSatisfying(
                        SecateurException.class, e -> assertThat(e.exit()).isEqualTo(ExitCode.BAD_INPUT))
                .hasMessageContaining("damaged")
                .hasMessageContaining("run.safetensors");
    }

    private Path file() {
        return directory.resolve("run.safetensors");
    }

    private static Checkpoint checkpoint(int epoch) {
        Network network = TestNetworks.small(5, 6);
        ModelState state = TestNetworks.state(network, epoch);
        Map<String, HostTensor> momentum = new LinkedHashMap<>();
        TestNetworks.state(network, epoch + 100)
                .parameters()
                .forEach((name, tensor) -> momentum.put(name, tensor.copy()));
        return new Checkpoint(
                network,
                new ModelState(state.parameters(), momentum, state.buffers()),
                Map.of("epoch", Integer.toString(epoch), "lambda", "1.0E-4"));
    }
}
