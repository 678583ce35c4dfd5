package org.secateur.profilers.libtorch;

import static org.bytedeco.pytorch.global.torch.full;
import static org.bytedeco.pytorch.global.torch.get_cpu_capability;
import static org.bytedeco.pytorch.global.torch.get_mkldnn_version;
import static org.bytedeco.pytorch.global.torch.get_num_threads;
import static org.bytedeco.pytorch.global.torch.globalContext;
import static org.bytedeco.pytorch.global.torch.set_num_threads;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

/**
 * The loaded libtorch, and the only place in the project that loads it: threads set, denormals flushed to zero,
 * deterministic algorithms chosen. Loading again only sets the threads anew and prepares the calling thread.
 *
 * <p>Denormals are flushed per thread: a libtorch worker inherits the setting of the Java thread that first made it
 * work. A Java thread that did not call {@link #load(int)} calls {@link #prepareThread()} before it uses a tensor.
 * Java's own arithmetic on such a thread flushes denormals too.
 *
 * @see <a href="https://github.com/bytedeco/javacpp">JavaCPP</a>, whose cache (system property
 *     {@code org.bytedeco.javacpp.cachedir}, default {@code ~/.javacpp/cache}) holds the extracted libraries
 */
public final class LibTorch {
    private static final String PLATFORM = "linux-x86_64";
    /** What JavaCPP calls libtorch's build for GPUs ({@code -Pgpu}): its libraries lie in a folder of that name. */
    private static final String GPU = "-gpu";

    private static final String PLATFORM_EXTENSION = "org.bytedeco.javacpp.platform.extension";
    private static final String PYTORCH = "/org/bytedeco/pytorch/" + PLATFORM;
    private static final String OPENBLAS = "/org/bytedeco/openblas/" + PLATFORM + "/";

    private static final String PHYSICAL_LIMIT = "org.bytedeco.javacpp.maxPhysicalBytes";

    private static final String GPU_FIX =
            "libtorch's build for GPUs needs CUDA 13 and cuDNN 9: name their directories in"
                    + " LD_LIBRARY_PATH, and free 2 GB in the cache directory (-Dorg.bytedeco.javacpp.cachedir=DIR)";

    private static final String FIX = "free 500 MB in the cache directory, or name another with"
            + " -Dorg.bytedeco.javacpp.cachedir=DIR on a file system that allows execution";

    private final String version;
    private final String oneDnnVersion;
    private final String instructionSet;
    private final int threads;
    private final boolean flushesDenormals;

    private LibTorch(
            String version, String oneDnnVersion, String instructionSet, int threads, boolean flushesDenormals) {
        this.version = version;
        this.oneDnnVersion = oneDnnVersion;
        this.instructionSet = instructionSet;
        this.threads = threads;
        this.flushesDenormals = flushesDenormals;
    }

    /**
     * Loads libtorch with as many threads as {@code OMP_NUM_THREADS} says, else one per processor.
     *
     * @throws SecateurException when it cannot be loaded here, or {@code OMP_NUM_THREADS} is not a positive number
     */
    public static LibTorch load() {
        return load(threadsFrom(System.getenv("OMP_NUM_THREADS")));
    }

    /**
     * Loads libtorch.
     *
     * @param threads the threads of one operation, at least 1
     * @throws SecateurException when it cannot be loaded here
     */
    @SuppressWarnings("try") // the scope only has to be open
    public static LibTorch load(int threads) {
        requireThreads(threads);
        if (System.getProperty(PHYSICAL_LIMIT) == null) {
            // JavaCPP would refuse to allocate once the process is four times as large as the Java heap.
            System.setProperty(PHYSICAL_LIMIT, "0");
        }
        requireBinding();
        if (hasGpuBuild() && System.getProperty(PLATFORM_EXTENSION) == null) {
            System.setProperty(PLATFORM_EXTENSION, GPU); // before JavaCPP looks for any library
        }
        requirePlatform();
        String version = loadLibraries();
        Context.setFlushDenormal(true);
        set_num_threads(threads);
        Context context = globalContext();
        // A few operations of GPUs have none, of which it then only warns.
        context.setDeterministicAlgorithms(true, hasGpuBuild());
        if (hasGpuBuild()) {
            // F32 is F32: TF32 is another arithmetic, and another key in tables.
            context.setAllowTF32CuDNN(false);
            context.setAllowTF32CuBLAS(false);
        }
        context.setDeterministicMkldnn(true);
        // Otherwise deterministic mode fills every new tensor with NaN first, which costs time and finds no bug of
        // ours.
        context.setDeterministicFillUninitializedMemory(false);
        try (PointerScope scope = new PointerScope()) {
            return new LibTorch(
                    version,
                    oneDnn(text(get_mkldnn_version())),
                    text(get_cpu_capability()),
                    get_num_threads(),
                    denormalsAreFlushed(threads));
        }
    }

    private static void requireThreads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads " + threads + ": expected at least 1");
        }
    }

    /**
     * Sets the threads of one operation from here on, for the whole process; quick where they are so many already.
     * {@link #threads()} and what a device's fingerprint says stay those of loading. A worker that has no work any more
     * still waits as {@code OMP_WAIT_POLICY} says.
     *
     * @param count at least 1
     */
    public void useThreads(int count) {
        requireThreads(count);
        if (get_num_threads() != count) {
            set_num_threads(count);
        }
    }

    /** Flushes denormals on the calling Java thread and on the workers that it will start. */
    public void prepareThread() {
        Context.setFlushDenormal(true);
    }

    /** The version of libtorch and of its Java binding, for example {@code 2.10.0-1.5.13}. */
    public String version() {
        return version;
    }

    /** The version of oneDNN inside libtorch, or {@code absent}. */
    public String oneDnnVersion() {
        return oneDnnVersion;
    }

    /** The instruction set that libtorch's own kernels use, for example {@code AVX512}. */
    public String instructionSet() {
        return instructionSet;
    }

    /** Whether the processor reports instructions for BF16, without which it is emulated, many times slower. */
    public static boolean hasBrainFloat() {
        return HostProcessor.here().hasBrainFloat();
    }

    /** Threads of one operation. */
    public int threads() {
        return threads;
    }

    /** Whether a multiplication on all threads was seen to flush denormals. */
    public boolean flushesDenormals() {
        return flushesDenormals;
    }

    /** Some installations leave libtorch out, and its binding with it. */
    private static void requireBinding() {
        try {
            Class.forName("org.bytedeco.pytorch.global.torch", false, LibTorch.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw SecateurException.environment(
                    "this installation has no libtorch, by which it measures the processor and trains",
                    "org.bytedeco:pytorch",
                    "measure a GPU with --device cuda:0, or use the full program");
        }
    }

    private static void requirePlatform() {
        String platform = Loader.getPlatform();
        if (!platform.equals(PLATFORM)) {
            throw SecateurException.environment(
                    "libtorch is only packed for Linux on x86-64", platform, "run on a linux-x86_64 machine");
        }
    }

    /**
     * Extracts every library before the first is loaded, then loads them by absolute path. Otherwise libtorch.so is
     * loaded before libtorch_cpu.so lies beside it, and the dynamic linker takes another libtorch_cpu.so from the
     * system or LD_LIBRARY_PATH. JavaCPP's file lock keeps two processes from extracting at once.
     */
    private static String loadLibraries() {
        List<String> libraries = libraries();
        String at = libraries.get(0);
        try {
            List<String> paths = new ArrayList<>();
            for (String library : libraries) {
                at = library;
                paths.add(extract(library));
            }
            for (String library : loadedByOthers()) {
                at = library;
                extract(library);
            }
            for (String path : paths) {
                at = path;
                System.load(path);
            }
            at = "JavaCPP's glue for libtorch";
            Loader.load(torch.class);
            return Loader.getVersion("org.bytedeco", "pytorch");
        } catch (IOException | LinkageError | IllegalStateException e) {
            throw new SecateurException(
                    ExitCode.ENVIRONMENT,
                    "libtorch cannot be loaded: " + e.getMessage(),
                    at,
                    hasGpuBuild() ? GPU_FIX : FIX,
                    e);
        }
    }

    /** Whether the class path holds libtorch's build for GPUs. */
    private static boolean hasGpuBuild() {
        return LibTorch.class.getResource(PYTORCH + GPU + "/libtorch_cuda.so") != null;
    }

    private static String pytorch() {
        return PYTORCH + (hasGpuBuild() ? GPU : "") + "/";
    }

    /** In dependency order: each library's needs come before it. */
    private static List<String> libraries() {
        String pytorch = pytorch();
        List<String> libraries = new ArrayList<>(List.of(
                pytorch + "libgomp.so.1",
                OPENBLAS + "libgcc_s.so.1",
                OPENBLAS + "libquadmath.so.0",
                OPENBLAS + "libgfortran.so.5",
                OPENBLAS + "libopenblas.so.0",
                pytorch + "libc10.so",
                pytorch + "libtorch_cpu.so"));
        if (hasGpuBuild()) {
            libraries.add(pytorch + "libc10_cuda.so");
            libraries.add(pytorch + "libtorch_cuda.so");
        }
        libraries.add(pytorch + "libtorch.so");
        return libraries;
    }

    /** Extracted with the others, but loaded by JavaCPP, whose glue it is, and by libtorch, where it is for GPUs. */
    private static List<String> loadedByOthers() {
        List<String> libraries =
                new ArrayList<>(List.of(pytorch() + "libjnitorch.so", OPENBLAS + "libjniopenblas_nolapack.so"));
        if (hasGpuBuild()) {
            libraries.add(pytorch() + "libtorch_cuda_linalg.so");
        }
        return libraries;
    }

    private static String extract(String library) throws IOException {
        File file = Loader.cacheResource(library);
        if (file == null) {
            throw SecateurException.environment(
                    "libtorch is not part of this installation", library, "use a build that includes libtorch");
        }
        return file.getAbsolutePath();
    }

    static int threadsFrom(@Nullable String ompNumThreads) {
        if (ompNumThreads == null || ompNumThreads.isBlank()) {
            return Runtime.getRuntime().availableProcessors();
        }
        // OpenMP allows a list, one number per nesting level; the first is the one that counts here.
        Matcher matcher = Pattern.compile("\\s*([1-9][0-9]{0,3})\\s*(,.*)?").matcher(ompNumThreads);
        if (!matcher.matches()) {
            throw SecateurException.environment(
                    "OMP_NUM_THREADS is not a number of threads", ompNumThreads, "set it to 1..9999, or unset it");
        }
        return Integer.parseInt(matcher.group(1));
    }

    private static String oneDnn(String description) {
        Matcher matcher = Pattern.compile("v(\\d+\\.\\d+\\.\\d+)").matcher(description);
        return matcher.find() ? matcher.group(1) : "absent";
    }

    private static String text(BytePointer pointer) {
        return pointer.getString();
    }

    /**
     * Checks that networks can be trained on a GPU: that this is libtorch's build for GPUs, and that it finds one.
     *
     * @param device the name of the GPU, for people
     * @throws SecateurException when they cannot, with what to do
     */
    public void requireGpu(String device) {
        if (!hasGpuBuild()) {
            throw SecateurException.environment(
                    "this build of libtorch computes on the processor only",
                    device,
                    "train with --engine cudnn, or build with libtorch for GPUs (docs/target-machines.md)");
        }
        if (!torch.cuda_is_available()) {
            throw SecateurException.environment("libtorch finds no GPU", device, "see secateur doctor");
        }
    }

    /** Multiplies two normal numbers with a denormal product on every thread and looks at the bits of the products. */
    @SuppressWarnings("try") // the scope only has to be open
    private static boolean denormalsAreFlushed(int threads) {
        // libtorch gives a thread at least 32768 elements of an elementwise operation.
        int elements = 2 * 32768 * threads;
        try (NoGradGuard noGrad = new NoGradGuard();
                PointerScope scope = new PointerScope()) {
            Tensor product = full(new long[] {elements}, new Scalar(1e-30f)).mul(new Scalar(1e-10f));
            int[] bits = new int[elements];
            new IntPointer(product.data_ptr()).get(bits);
            for (int value : bits) {
                if (value != 0) {
                    return false;
                }
            }
            return true;
        }
    }
}
