package org.secateur.models.libtorch;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.secateur.models.core.graph.HostTensor;
import org.secateur.models.core.graph.Layer;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.models.core.graph.Parameters;
import org.secateur.models.core.graph.Parameters.Kind;
import org.secateur.models.core.graph.Parameters.Tensor;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

/**
 * Weights out of a safetensors file of any writer, by PyTorch's names, which may stand behind {@code module.}, as those of
 * a parallel training do, or be those of torchvision's older DenseNets ({@code norm.1} for {@code norm1}). What the network
 * does not have is left where it is: counters of batches, classifiers that only training has.
 *
 * @param state the weights of a network, without momentum
 * @param freshHead the layer that makes the logits, where the file has it for other classes and it was left fresh
 */
public record WeightsFile(ModelState state, Optional<String> freshHead) {
    private static final Pattern DENSE_LAYER = Pattern.compile("(.*denselayer\\d+\\.(?:norm|conv))([12]\\..*)");

    /**
     * The weights of a network, all of them.
     *
     * @throws SecateurException when the file is missing or damaged, or a tensor is not in it in its shape, naming the
     *     first
     */
    public static ModelState read(Path file, Network network) {
        return read(file, network, Optional.empty()).state();
    }

    /**
     * The weights of a network that may have other classes than the file's.
     *
     * @param fresh what the layer that makes the logits has where it has other classes
     * @throws SecateurException when the file is missing or damaged, or another tensor is not in it in its shape, naming
     *     the first
     */
    public static WeightsFile read(Path file, Network network, ModelState fresh) {
        return read(file, network, Optional.of(fresh));
    }

    private static WeightsFile read(Path file, Network network, Optional<ModelState> fresh) {
        try {
            Map<String, HostTensor> tensors =
                    Safetensors.decodeAny(Safetensors.bytes(file)).tensors();
            Map<String, HostTensor> parameters = new LinkedHashMap<>();
            Map<String, HostTensor> buffers = new LinkedHashMap<>();
            String head = head(network);
            boolean otherClasses = false;
            for (Tensor tensor : Parameters.of(network)) {
                HostTensor values = find(tensors, tensor.name());
                if (fresh.isPresent() && tensor.node().equals(head) && differsInClasses(tensor, values)) {
                    values = fresh.get().parameter(tensor.name());
                    otherClasses = true;
                }
                (tensor.kind() == Kind.TRAINED ? parameters : buffers).put(tensor.name(), values);
            }
            ModelState state = new ModelState(parameters, Map.of(), buffers);
            Parameters.requireFit(network, state);
            return new WeightsFile(state, otherClasses ? Optional.of(head) : Optional.empty());
        } catch (NoSuchFileException e) {
            throw refusal(file, "the file does not exist", "name a safetensors file", e);
        } catch (IOException e) {
            throw refusal(file, "the file cannot be read: " + e.getMessage(), "check its permissions and disk", e);
        } catch (IllegalArgumentException e) {
            throw refusal(
                    file,
                    "these are not the weights of " + network.name() + ": " + e.getMessage(),
                    "name the network that they belong to, with its --input and --classes",
                    e);
        }
    }

    private static HostTensor find(Map<String, HostTensor> tensors, String name) {
        Matcher dense = DENSE_LAYER.matcher(name);
        String older = dense.matches() ? dense.group(1) + "." + dense.group(2) : name;
        return Stream.of(name, "module." + name, older, "module." + older)
                .map(tensors::get)
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("it has no tensor " + name + " of type F32, F16 or BF16"));
    }

    /** The last layer with weights on the way to the logits. */
    private static String head(Network network) {
        Node node = network.output();
        while (node.layer() instanceof Layer.Flatten
                || node.layer() instanceof Layer.GlobalAveragePool
                || node.layer() instanceof Layer.Activation) {
            Optional<Node> before = network.node(node.input());
            if (before.isEmpty()) {
                break;
            }
            node = before.get();
        }
        return node.name();
    }

    /** Whether the file's tensor has another first size, and nothing else is different. */
    private static boolean differsInClasses(Tensor tensor, HostTensor values) {
        int[] expected = tensor.dimensions();
        int[] held = values.shape();
        return tensor.kind() == Kind.TRAINED
                && expected.length == held.length
                && expected[0] != held[0]
                && Arrays.equals(expected, 1, expected.length, held, 1, held.length);
    }

    private static SecateurException refusal(Path file, String what, String fix, Exception cause) {
        return new SecateurException(ExitCode.BAD_INPUT, what, file.toString(), fix, cause);
    }
}
