package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is wrong: one clear sentence, the right exit code, the error document, and nothing half-written. */
final class BadInputTest {
    @TempDir
    Path folder;

    @BeforeEach
    void prepare() throws IOException {
        Files.writeString(folder.resolve("notes.txt"), "in the place of a directory");
        Files.writeString(folder.resolve("corrupt.db"), "this is no database, however long it may be ".repeat(50));
        Files.writeString(folder.resolve("list.json"), "[1, 2]");
        Files.writeString(folder.resolve("damaged.onnx"), "no protobuf");
        Files.writeString(folder.resolve("nogroup.json"), "{\"layer9.conv\": 3}");
        Files.writeString(folder.resolve("wide.json"), "{\"conv1\": 17}");
        Files.writeString(folder.resolve("none.json"), "{\"conv1\": 0}");
        Files.writeString(folder.resolve("fixed.json"), "{\"fc\": 5}");
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                arguments(2, "did you mean resnet20?", "network resnt20"),
                arguments(2, "no network is named", "network"),
                arguments(2, "no network is named", "profile"),
                arguments(2, "two networks are named", "network resnet8 --network vgg8"),
                arguments(2, "unknown network \"lenet\"", "profile --network lenet"),
                arguments(2, "--classes", "network resnet8 --classes many"),
                arguments(2, "0 classes", "network resnet8 --classes 0"),
                arguments(2, "every size must be at least 1", "network resnet8 --input 3x0x32"),
                arguments(2, "expected CxHxW", "network resnet8 --input 3x32"),
                arguments(2, "expected CxHxW", "network resnet8 --input 3x-1x32"),
                arguments(2, "expected at most", "network resnet8 --input 3x99999x99999"),
                arguments(2, "a larger image is needed", "network vgg16 --input 3x8x8"),
                arguments(2, "not a JSON object", "network resnet8 --widths DIR/list.json"),
                arguments(2, "no channel group layer9.conv", "network resnet8 --widths DIR/nogroup.json"),
                arguments(2, "expected 0..16", "network resnet8 --widths DIR/wide.json"),
                arguments(2, "left without channels", "network resnet8 --widths DIR/none.json"),
                arguments(2, "the classifier's outputs", "network resnet8 --widths DIR/fixed.json"),
                arguments(2, "the file does not exist", "network resnet8 --widths DIR/absent.json"),
                arguments(2, "there is no such ONNX file", "network DIR/absent.onnx"),
                arguments(2, "the ONNX file cannot be used", "profile --network DIR/damaged.onnx"),
                arguments(2, "the ONNX file cannot be used", "compare DIR/damaged.onnx resnet8"),
                arguments(2, "this is a directory", "network resnet8 --onnx DIR"),
                arguments(
                        2,
                        "these are not the weights of vgg8: its 11 bytes do not hold a header",
                        "prune --data shapes:200 --network vgg8 --from DIR/damaged.onnx"),
                arguments(2, "these are not the weights of resnet8", "network resnet8 --from DIR/damaged.onnx"),
                arguments(
                        2,
                        "these are not the weights of resnet8",
                        "run --data shapes:200 --network resnet8 --from DIR/damaged.onnx"),
                arguments(2, "the checkpoint is damaged", "train --data shapes:200 --from DIR/damaged.onnx"),
                arguments(2, "the checkpoint does not exist", "predict --network DIR/absent.safetensors"),
                arguments(
                        2, "the checkpoint does not exist", "train --data shapes:200 --network DIR/absent.safetensors"),
                arguments(2, "expected a fraction", "network resnet8 --widths uniform:0"),
                arguments(2, "expected a fraction", "predict --network resnet8 --widths uniform:-0.5"),
                arguments(2, "expected a fraction", "profile --network resnet8 --widths uniform:1.01"),
                arguments(2, "expected a fraction", "train --data shapes:200 --widths uniform:NaN"),
                arguments(2, "uniform:half", "network resnet8 --widths uniform:half"),
                arguments(2, "--batch 0", "profile --network resnet8 --batch 0"),
                arguments(2, "--batch -4", "predict --network resnet8 --batch -4"),
                arguments(2, "resnet8x", "compare resnet8 resnet8x"),
                arguments(2, "CANDIDATE", "compare resnet8"),
                arguments(2, "the file does not exist", "compare resnet8 resnet8@DIR/absent.json"),
                arguments(2, "--pairs 5", "compare resnet8 resnet8 --pairs 5"),
                arguments(2, "--limit 0", "compare resnet8 resnet8 --limit 0"),
                arguments(2, "2 in all", "compare resnet8 resnet8 --threads 1"),
                arguments(2, "expected 1..", "compare resnet8 resnet8 --threads 0,1"),
                arguments(2, "only the processor has threads", "compare resnet8 resnet8 --threads 1,1 --device cuda:0"),
                arguments(2, "the file does not exist", "table check DIR/absent.json"),
                arguments(2, "JMH says", "bench -nosuch"),
                arguments(2, "a list has no document", "bench -l"),
                arguments(2, "--forks 0", "bench --agreement --forks 0"),
                arguments(2, "expected 1..100 and 1..24", "bench --agreement --convolutions 25"),
                arguments(2, "--pairs 5", "bench --throughput --pairs 5"),
                arguments(2, "trains on the processor only", "bench --data shapes:200 --device cuda:0"),
                arguments(2, "--batch 0", "train --data shapes:200 --batch 0"),
                arguments(2, "the data has no directory", "train --data folder"),
                arguments(2, "cannot read the folder", "train --data folder:32:DIR"),
                arguments(2, "expected 1 to 1024", "train --data folder:0:DIR"),
                arguments(2, "unknown schedule \"linear\"", "train --data shapes:200 --schedule linear"),
                arguments(2, "0 with one-cycle", "train --data shapes:200 --warmup 1"),
                arguments(2, "half of the 7 epochs", "train --data shapes:200 --schedule cosine --warmup 4"),
                arguments(2, "none with another schedule", "train --data shapes:200 --milestones 3"),
                arguments(2, "from 1 to below 7", "train --data shapes:200 --schedule milestones --milestones 6,3"),
                arguments(2, "label smoothing 1.0", "train --data shapes:200 --label-smoothing 1"),
                arguments(2, "norm -1.0", "prune --data shapes:200 --clip-norm -1"),
                arguments(2, "there is no teacher", "train --data shapes:200 --teacher-weight 0.5"),
                arguments(2, "the checkpoint does not exist", "run --data shapes:200 --teacher DIR/absent.safetensors"),
                arguments(2, "the checkpoint is damaged", "train --data shapes:200 --teacher DIR/damaged.onnx"),
                arguments(2, "the engine cudnn", "train --data shapes:200 --device cuda:0 --clip-norm 1"),
                arguments(2, "the engine cudnn", "prune --data shapes:200 --device cuda:0 --teacher DIR/absent"),
                arguments(2, "--workers 0: expected 1..64", "train --data shapes:200 --workers 0"),
                arguments(2, "at most the 4 images of a step", "run --data shapes:200 --batch 4 --workers 5"),
                arguments(2, "only a processor is shared", "train --data shapes:200 --workers 2 --device cuda:0"),
                arguments(2, "--batch 0: expected 1..", "network resnet8 --batch 0"),
                arguments(2, "--inference-batch 0", "predict --network resnet8 --inference-batch 0"),
                arguments(2, "in f32 or bf16 of default math only", "profile --network resnet8 --dtype f16"),
                arguments(2, "in f32 or bf16 of default math only", "predict --network resnet8 --math tf32"),
                arguments(2, "unknown layout \"chwn\"", "train --data shapes:200 --layout chwn"),
                arguments(2, "cpu trains in f32 or bf16", "train --data shapes:200 --dtype f16"),
                arguments(2, "unknown type \"f8\"", "train --data shapes:200 --dtype f8"),
                arguments(2, "\"nhwc\" stands twice", "compare resnet8 resnet8@nhwc@nhwc"),
                arguments(
                        2,
                        "tf32 is arithmetic of f32",
                        "profile --network resnet8 --device cuda:0 --dtype bf16 --math tf32"),
                arguments(2, "--dtype", "profile --network resnet8 --device cuda:0 --dtype f64"),
                arguments(2, "--precision 0", "profile --network resnet8 --precision 0"),
                arguments(2, "--cap -1", "profile --network resnet8 --cap -1"),
                arguments(2, "--neighbours 1.5", "profile --network resnet8 --neighbours 0.5,1.5"),
                arguments(2, "--watts 0", "predict --network resnet8 --watts 0"),
                arguments(2, "--idle-watts 70", "predict --network resnet8 --idle-watts 70"),
                arguments(2, "unknown energy model \"guess\"", "profile --network resnet8 --energy-model guess"),
                arguments(
                        2,
                        "not of GPUs",
                        "prune --data shapes:200 --device cuda:0 --energy-model cpu-power --budget macs=0.5"),
                arguments(2, "an amount of another cost", "run --data shapes:200 --budget train-step=12ms --cost macs"),
                arguments(
                        2,
                        "an amount of another cost",
                        "prune --data shapes:200 --device cuda:0 --budget energy=1.5J --cost seconds"),
                arguments(2, "unknown objective", "run --data shapes:200 --objective step=0.3"),
                arguments(2, "before anything would be pruned", "run --data shapes:200 --epochs 8 --interval 8"),
                arguments(2, "before anything would be pruned", "prune --data shapes:200 --budget none --epochs 1"),
                arguments(2, "--seconds 0", "doctor --seconds 0"),
                arguments(2, "the file does not exist", "predict --network resnet8 --table DIR/absent.json"),
                arguments(2, "the file does not exist", "table import DIR/absent.json"),
                arguments(2, "not a table", "table import DIR/list.json"),
                arguments(2, "not a table", "table show DIR/list.json"),
                arguments(2, "there is no store yet", "table show"),
                arguments(2, "Missing required option", "bundle"),
                arguments(2, "this is a directory", "bundle --out DIR"),
                arguments(2, "the file cannot be written", "bundle --out DIR/notes.txt/bundle.tar.gz"),
                arguments(2, "Missing required option", "gpu-check"),
                arguments(2, "--minutes 0", "gpu-check --out DIR/check --minutes 0"),
                arguments(2, "say show, check, export or import", "table"),
                arguments(2, "Missing required option", "table export"),
                arguments(2, "one document only", "table export --out -"),
                arguments(3, "corrupt or is not a database", "table show --store DIR/corrupt.db"),
                arguments(3, "corrupt or is not a database", "profile --network resnet8 --store DIR/corrupt.db"),
                arguments(3, "directory cannot be created", "profile --network resnet8 --store DIR/notes.txt/x.db"),
                arguments(3, "the store is a directory", "profile --network resnet8 --store DIR"));
    }

    @ParameterizedTest(name = "{2}")
    @MethodSource("mistakes")
    void aMistakeIsOneSentenceAndAnExitCode(int exit, String sentence, String command) throws IOException {
        String[] args = Stream.concat(
                        Stream.of(command.replace("DIR", folder.toString()).split(" ", -1)),
                        command.equals("table")
                                ? Stream.of("--json")
                                : command.contains("--store")
                                        ? Stream.of("--json")
                                        : Stream.of("--json", "--store", folder + "/new.db"))
                .toArray(String[]::new);
        List<Path> before = files();
        Run run = Run.simulated(args);
        JsonNode error = run.json("error").at("/error");
        assertThat(run.err().lines())
                .singleElement()
                .asString()
                .startsWith("secateur: ")
                .contains(sentence);
        assertThat(run.exit()).isEqualTo(exit);
        assertThat(error.at("/exit").asInt()).isEqualTo(exit);
        assertThat(error.at("/what").asText() + error.at("/fix").asText()).contains(sentence);
        assertThat(files()).isEqualTo(before);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.sorted().toList();
        }
    }

    @Test
    void aTruncatedTableIsRefusedWholly() throws IOException {
        String store = folder.resolve("a.db").toString();
        Run.simulated("profile", "--network", "resnet8", "--batch", "2", "--store", store);
        Path file = folder.resolve("costs.json");
        Run.simulated("table", "export", "--out", file.toString(), "--store", store);
        String whole = Files.readString(file);
        Files.writeString(file, whole.substring(0, whole.length() / 2));
        Path other = folder.resolve("b.db");
        Run run = Run.withoutDevice("table", "import", file.toString(), "--store", other.toString(), "--json");
        assertThat(run.exit()).isEqualTo(2);
        JsonNode error = run.json("error").at("/error");
        assertThat(error.at("/what").asText()).contains("line");
        assertThat(error.at("/on").asText()).endsWith("costs.json");
        assertThat(other).doesNotExist();
        assertThat(Run.withoutDevice("predict", "--network", "resnet8", "--table", file.toString())
                        .exit())
                .isEqualTo(2);
    }

    @Test
    void anExportIntoAPlaceThatIsNoDirectoryLeavesNothing() {
        String store = folder.resolve("a.db").toString();
        Run.simulated("profile", "--network", "resnet8", "--batch", "2", "--store", store);
        Run run = Run.simulated(
                "table",
                "export",
                "--out",
                folder.resolve("notes.txt/costs.json").toString(),
                "--store",
                store);
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err()).contains("the file cannot be written");
        Run directory = Run.simulated("table", "export", "--out", folder.toString(), "--store", store);
        assertThat(directory.exit()).isEqualTo(2);
        assertThat(directory.err()).contains("this is a directory");
    }

    @Test
    void aTableOfAnotherFingerprintStaysApart() throws IOException {
        String store = folder.resolve("a.db").toString();
        Run.simulated("profile", "--network", "resnet8", "--batch", "2", "--store", store);
        Run unknown = Run.withoutDevice("predict", "--network", "resnet8", "--table", "0000", "--store", store);
        assertThat(unknown.exit()).isEqualTo(2);
        assertThat(unknown.err()).contains("no single table is called 0000");
    }
}
