package org.secateur.models.libtorch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.secateur.models.core.graph.HostTensor;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Parameters;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

/**
 * Everything that a run needs to continue, in one safetensors file: the network's structure, parameters and buffers by
 * PyTorch's names, momentum under {@code momentum.NAME}, and strings of the caller's own (epoch, step, lambda, seeds).
 *
 * <p>A file is replaced as a whole or not at all; the one before it stays beside it as {@code NAME.previous}.
 *
 * @param metadata the caller's strings; the keys {@code network}, {@code format} and {@code sha256} are taken
 */
public record Checkpoint(Network network, ModelState state, Map<String, String> metadata) {
    private static final String FORMAT = "secateur-checkpoint-1";
    private static final String MOMENTUM = "momentum.";

    public Checkpoint {
        metadata = Map.copyOf(metadata);
        for (String taken : new String[] {"network", "format", "sha256"}) {
            if (metadata.containsKey(taken)) {
                throw new IllegalArgumentException("metadata key " + taken + " is the checkpoint's own");
            }
        }
    }

    /**
     * What could be read back.
     *
     * @param refused why the newest file was passed over, when the one before it had to be taken
     */
    public record Restored(Checkpoint checkpoint, Optional<SecateurException> refused) {}

    /** Where the file before {@code file} is kept. */
    public static Path previous(Path file) {
        return file.resolveSibling(file.getFileName() + ".previous");
    }

    /**
     * Writes the checkpoint beside {@code file}, forces it to the disk and then takes its place; an intact former file
     * becomes the previous one.
     *
     * @throws SecateurException when it cannot be written; the former file is then as it was
     */
    public void write(Path file) {
        Path target = file.toAbsolutePath();
        Path temporary = target.resolveSibling(target.getFileName() + ".tmp");
        try {
            Files.createDirectories(target.getParent());
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                ByteBuffer content = encode();
                while (content.hasRemaining()) {
                    channel.write(content);
                }
                channel.force(true);
            }
            if (intact(target)) {
                Files.move(
                        target, previous(target), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel directory = FileChannel.open(target.getParent(), StandardOpenOption.READ)) {
                directory.force(true);
            }
        } catch (IOException e) {
            deleteQuietly(temporary, e);
            throw new SecateurException(
                    ExitCode.ENVIRONMENT,
                    "the checkpoint cannot be written: " + e.getMessage(),
                    file.toString(),
                    "free disk space there or choose a directory that can be written, then start the same command again",
                    e);
        }
    }

    /**
     * Reads exactly that file.
     *
     * @throws SecateurException when it is missing, torn, corrupt or not a checkpoint
     */
    public static Checkpoint read(Path file) {
        try {
            return decode(Safetensors.decode(Safetensors.bytes(file)));
        } catch (NoSuchFileException e) {
            throw refusal(file, "the checkpoint does not exist", e);
        } catch (IOException e) {
            throw refusal(file, "the checkpoint cannot be read: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw refusal(file, "the checkpoint is damaged: " + e.getMessage(), e);
        }
    }

    /**
     * Reads the newest intact one of {@code file} and the file before it.
     *
     * @throws SecateurException about {@code file} when both are missing or refused, with what is wrong with each
     */
    public static Restored restore(Path file) {
        try {
            return new Restored(read(file), Optional.empty());
        } catch (SecateurException refused) {
            if (!Files.exists(previous(file))) {
                throw refused;
            }
            try {
                return new Restored(read(previous(file)), Optional.of(refused));
            } catch (SecateurException second) {
                SecateurException both = refusal(
                        file, refused.what() + ", and so it is with the one before it: " + second.what(), refused);
                both.addSuppressed(second);
                throw both;
            }
        }
    }

    /** The content of a checkpoint's file. */
    ByteBuffer encode() {
        Map<String, HostTensor> tensors = new LinkedHashMap<>(state.parameters());
        tensors.putAll(state.buffers());
        state.momentum().forEach((name, tensor) -> tensors.put(MOMENTUM + name, tensor));
        Map<String, String> strings = new LinkedHashMap<>();
        strings.put("format", FORMAT);
        strings.put("network", NetworkJson.write(network));
        metadata.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(e -> strings.put(e.getKey(), e.getValue()));
        return new Safetensors(tensors, strings).encode();
    }

    /**
     * The checkpoint that a file holds.
     *
     * @throws IllegalArgumentException when it is none
     */
    static Checkpoint decode(Safetensors file) {
        Map<String, String> strings = new LinkedHashMap<>(file.metadata());
        String format = strings.remove("format");
        String network = strings.remove("network");
        if (network == null || !FORMAT.equals(format)) {
            throw new IllegalArgumentException("its format is " + format + ": expected " + FORMAT);
        }
        Network read = NetworkJson.read(network);
        Map<String, HostTensor> rest = new LinkedHashMap<>(file.tensors());
        Map<String, HostTensor> parameters = new LinkedHashMap<>();
        Map<String, HostTensor> buffers = new LinkedHashMap<>();
        for (Parameters.Tensor tensor : Parameters.of(read)) {
            HostTensor values = rest.remove(tensor.name());
            if (values != null) {
                (tensor.kind() == Parameters.Kind.TRAINED ? parameters : buffers).put(tensor.name(), values);
            }
        }
        Map<String, HostTensor> momentum = new LinkedHashMap<>();
        rest.forEach((name, tensor) -> momentum.put(momentumOf(name), tensor));
        ModelState state = new ModelState(parameters, momentum, buffers);
        Parameters.requireFit(read, state);
        return new Checkpoint(read, state, strings);
    }

    private static String momentumOf(String name) {
        if (!name.startsWith(MOMENTUM)) {
            throw new IllegalArgumentException("its tensor " + name + " does not belong to its network");
        }
        return name.substring(MOMENTUM.length());
    }

    private static boolean intact(Path file) {
        try {
            return Files.exists(file) && !read(file).network().nodes().isEmpty();
        } catch (SecateurException e) {
            return false;
        }
    }

    private static void deleteQuietly(Path file, IOException cause) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private static SecateurException refusal(Path file, String what, Exception cause) {
        return new SecateurException(
                ExitCode.BAD_INPUT,
                what,
                file.toString(),
                "name an intact checkpoint or start again with --fresh",
                cause);
    }
}
