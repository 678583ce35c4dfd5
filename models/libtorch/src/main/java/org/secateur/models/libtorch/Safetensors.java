package org.secateur.models.libtorch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.secateur.models.core.graph.HostTensor;

/**
 * The safetensors format: eight bytes with the header's length, a JSON header naming type, shape and place of each
 * tensor, then the values, little-endian (huggingface/safetensors, format description). Beyond the format, the
 * metadata carries the SHA-256 of the whole file with that entry's own digits set to zero.
 */
record Safetensors(Map<String, HostTensor> tensors, Map<String, String> metadata) {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String METADATA = "__metadata__";
    private static final String DIGEST = "sha256";
    private static final String NO_DIGEST = "0".repeat(64);
    /** Some ten thousand tensors; read, a header takes many times its bytes. */
    private static final int MOST_HEADER_BYTES = 1 << 22;
    /** The same with a network, and with all that its training has come to. */
    private static final int MOST_CHECKPOINT_HEADER_BYTES = 1 << 25;
    /** The file, its numbers and a copy that is trained, both of up to twice its size, and the rest. */
    private static final int PARTS_OF_MEMORY = 6;
    /** Bytes of a number of the types that are read; tensors of others, such as counters of batches, are left out. */
    private static final Map<String, Integer> BYTES = Map.of("F32", 4, "F16", 2, "BF16", 2);
    /** Of an array. */
    private static final int LARGEST = Integer.MAX_VALUE - 8;

    /**
     * The bytes of a file that may come from anywhere.
     *
     * @throws IllegalArgumentException when they would fill too much of the memory, which the numbers in them fill again
     */
    static byte[] bytes(Path file) throws IOException {
        long size = Files.size(file);
        if (size > Math.min(Runtime.getRuntime().maxMemory() / PARTS_OF_MEMORY, LARGEST)) {
            throw new IllegalArgumentException("its " + size + " bytes are too many for the memory that Java has");
        }
        return Files.readAllBytes(file);
    }

    /** The file's content. */
    ByteBuffer encode() {
        ObjectNode header = MAPPER.createObjectNode();
        ObjectNode strings = header.putObject(METADATA);
        strings.put(DIGEST, NO_DIGEST);
        metadata.forEach(strings::put);
        long offset = 0;
        for (var entry : tensors.entrySet()) {
            HostTensor tensor = entry.getValue();
            ObjectNode description = header.putObject(entry.getKey());
            description.put("dtype", "F32");
            var shape = description.putArray("shape");
            Arrays.stream(tensor.shape()).forEach(shape::add);
            long end = offset + 4L * tensor.data().length;
            description.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        String text = header.toString();
        int unpadded = text.getBytes(StandardCharsets.UTF_8).length;
        byte[] head = (text + " ".repeat((8 - unpadded % 8) % 8)).getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(Math.toIntExact(8 + head.length + offset))
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(head.length)
                .put(head);
        for (HostTensor tensor : tensors.values()) {
            file.asFloatBuffer().put(tensor.data());
            file.position(file.position() + 4 * tensor.data().length);
        }
        int digits = digitsIn(file.array(), head.length);
        byte[] digest = HexFormat.of().formatHex(sha256(file.array())).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(digest, 0, file.array(), digits, digest.length);
        return file.flip();
    }

    /**
     * Reads a file's content, which is overwritten.
     *
     * @throws IllegalArgumentException with the reason when it is torn, corrupt or not of this form
     */
    static Safetensors decode(byte[] bytes) {
        int headerLength = headerLength(bytes, MOST_CHECKPOINT_HEADER_BYTES);
        Safetensors file = decode(bytes, headerLength);
        Map<String, String> metadata = new LinkedHashMap<>(file.metadata);
        String expected = metadata.remove(DIGEST);
        if (expected == null || expected.length() != NO_DIGEST.length()) {
            throw new IllegalArgumentException("it carries no SHA-256");
        }
        int digits = digitsIn(bytes, headerLength);
        Arrays.fill(bytes, digits, digits + expected.length(), (byte) '0');
        if (!HexFormat.of().formatHex(sha256(bytes)).equals(expected)) {
            throw new IllegalArgumentException("its SHA-256 does not fit its content");
        }
        return new Safetensors(file.tensors, metadata);
    }

    /**
     * Reads a file of any writer: without a digest, in any order, and without its tensors of other types than F32, F16 and
     * BF16.
     *
     * @throws IllegalArgumentException with the reason when it is torn or not of this form
     */
    static Safetensors decodeAny(byte[] bytes) {
        return decode(bytes, headerLength(bytes, MOST_HEADER_BYTES));
    }

    private static Safetensors decode(byte[] bytes, int headerLength) {
        JsonNode header = header(new String(bytes, 8, headerLength, StandardCharsets.UTF_8));
        ByteBuffer values = ByteBuffer.wrap(bytes)
                .slice(8 + headerLength, bytes.length - 8 - headerLength)
                .order(ByteOrder.LITTLE_ENDIAN);
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        long end = 0;
        for (var entry : inOrder(header)) {
            long from = offset(entry.getValue(), 0);
            if (from != end) {
                throw new IllegalArgumentException("tensor " + entry.getKey() + " begins at byte " + from
                        + " of the values: expected " + end + ", where the one before it ends");
            }
            end = offset(entry.getValue(), 1);
            if (end < from || end > values.capacity()) {
                throw new IllegalArgumentException(
                        "it ends after " + bytes.length + " bytes, within " + entry.getKey());
            }
            if (BYTES.containsKey(type(entry.getValue())) && !isEmpty(entry.getValue())) {
                tensors.put(entry.getKey(), tensor(values.slice((int) from, (int) (end - from)), entry.getValue()));
            }
        }
        if (end != values.capacity()) {
            throw new IllegalArgumentException(
                    "it has " + bytes.length + " bytes instead of " + (8 + headerLength + end));
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        header.path(METADATA)
                .properties()
                .forEach(e -> metadata.put(e.getKey(), e.getValue().asText()));
        return new Safetensors(tensors, metadata);
    }

    private static int headerLength(byte[] bytes, int most) {
        long length = bytes.length < 8
                ? -1
                : ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (length < 2 || length > bytes.length - 8) {
            throw new IllegalArgumentException("its " + bytes.length + " bytes do not hold a header");
        }
        if (length > most) {
            throw new IllegalArgumentException("its header has " + length + " bytes: expected at most " + most);
        }
        return (int) length;
    }

    /** The tensors' descriptions as their values stand. */
    private static List<Map.Entry<String, JsonNode>> inOrder(JsonNode header) {
        return header.properties().stream()
                .filter(entry -> !entry.getKey().equals(METADATA))
                .sorted(Comparator.comparingLong(entry -> offset(entry.getValue(), 0)))
                .toList();
    }

    private static long offset(JsonNode description, int end) {
        return description.path("data_offsets").path(end).asLong(-1);
    }

    private static JsonNode header(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("its header is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static HostTensor tensor(ByteBuffer values, JsonNode description) {
        JsonNode sizes = description.path("shape");
        int[] shape = new int[sizes.size()];
        for (int i = 0; i < shape.length; i++) {
            if (!sizes.path(i).isIntegralNumber() || !sizes.path(i).canConvertToInt()) {
                throw new IllegalArgumentException("size " + sizes.path(i) + " of a tensor: expected an int");
            }
            shape[i] = sizes.path(i).asInt();
        }
        String type = type(description);
        int each = BYTES.getOrDefault(type, Float.BYTES);
        if (values.capacity() % each != 0) {
            throw new IllegalArgumentException(
                    "a tensor has " + values.capacity() + " bytes: expected " + each + " for each number");
        }
        float[] data = new float[values.capacity() / each];
        values.order(ByteOrder.LITTLE_ENDIAN);
        if (each == Float.BYTES) {
            values.asFloatBuffer().get(data);
        }
        for (int i = 0; each == Short.BYTES && i < data.length; i++) {
            short half = values.getShort(i * each);
            data[i] = type.equals("F16") ? Float.float16ToFloat(half) : Float.intBitsToFloat(half << Short.SIZE);
        }
        return new HostTensor(shape, data);
    }

    private static String type(JsonNode description) {
        return description.path("dtype").asText();
    }

    /** Whether one of the sizes is 0, as of what some frameworks register and never fill. */
    private static boolean isEmpty(JsonNode description) {
        for (JsonNode size : description.path("shape")) {
            if (size.isInt() && size.asInt() == 0) {
                return offset(description, 0) == offset(description, 1);
            }
        }
        return false;
    }

    /** Where the digest's digits stand: this writer puts them first into the header. */
    private static int digitsIn(byte[] file, int headerLength) {
        String before = "{\"" + METADATA + "\":{\"" + DIGEST + "\":\"";
        byte[] prefix = before.getBytes(StandardCharsets.US_ASCII);
        if (headerLength < prefix.length + NO_DIGEST.length()
                || !Arrays.equals(file, 8, 8 + prefix.length, prefix, 0, prefix.length)) {
            throw new IllegalArgumentException("its header does not begin with a SHA-256");
        }
        return 8 + prefix.length;
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
