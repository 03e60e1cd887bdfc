// One source, several instruction sets. Each file native/cpu/*_kernels.cpp is compiled once for
// every path (CMakeLists.txt) with PF_PATH naming it, and defines in namespace pushforward::PF_PATH
// a table of function pointers that a header has declared with PF_DECLARE_KERNELS. Ordinary code
// reaches the table of the path in use through PF_KERNELS.
//
// Nothing inline or templated that lives outside namespace pushforward::PF_PATH may be compiled in
// a kernel file, the standard library's templates included: the linker keeps one copy of it,
// perhaps the one with wide instructions, and a narrower processor would stop at it.
#pragma once

#if defined(__x86_64__)
#define PF_HAS_X86_PATHS 1
#else
#define PF_HAS_X86_PATHS 0
#endif

namespace pushforward {

enum class SimdLevel { kPortable = 0, kAvx2 = 1, kAvx512 = 2 };

// The widest path this processor and operating system run.
SimdLevel widest_simd_level();

// The path in use, for the whole process: the widest unless set_simd_level narrowed it.
SimdLevel simd_level();

// False, and nothing changed, when the processor does not run `level`.
bool set_simd_level(SimdLevel level);

const char* simd_level_name(SimdLevel level);

}  // namespace pushforward

#if PF_HAS_X86_PATHS
#define PF_DECLARE_KERNELS(Table, name) \
  namespace portable {                  \
  extern const Table name;              \
  }                                     \
  namespace avx2 {                      \
  extern const Table name;              \
  }                                     \
  namespace avx512 {                    \
  extern const Table name;              \
  }
#define PF_KERNELS(name)                                                 \
  (::pushforward::simd_level() == ::pushforward::SimdLevel::kAvx512      \
       ? ::pushforward::avx512::name                                     \
       : (::pushforward::simd_level() == ::pushforward::SimdLevel::kAvx2 \
              ? ::pushforward::avx2::name                                \
              : ::pushforward::portable::name))
#else
#define PF_DECLARE_KERNELS(Table, name) \
  namespace portable {                  \
  extern const Table name;              \
  }
#define PF_KERNELS(name) (::pushforward::portable::name)
#endif
