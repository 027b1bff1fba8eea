"""Pinned archives of Debian and Ubuntu in which many people speak.

Debian's are of its release 12. gcompris and childsplay left Debian; Ubuntu 16.04 still keeps them.
"""

from __future__ import annotations

from typing import Final

from tools.train.packages import debian, ubuntu

TUXPAINT: Final = debian(
    "tuxpaint-stamps-default", "2022.06.04-1",
    "6db6c1bfc870a47f1499d6203b083522eacb57c5f9c87d468f2e92eb6d9d5f34", "t/tuxpaint-stamps")
KTUBERLING: Final = debian(
    "ktuberling-data", "22.12.3-1", "fba44c875bfa31ea488dadd9263e87a4dcaea0bd47d28817f6c0dc6d2af970ed",
    "k/ktuberling")
QABCS: Final = debian(
    "qabcs-data", "1.0.2-6", "3484da4cf258e6f3a39a1fc99bbfcaddfd679cff96a8fa792f261ab0a2bf9d86", "q/qabcs")
KAJONGG: Final = debian(
    "kajongg", "22.12.3-1", "be0a9cc0f9a97064ffa0ab01133f55e021c7c58f9869857431bf1ca951dadbaf", "k/kajongg")
# language: the sha256 of fillets-ng-data-LANGUAGE
FILLETS: Final = {language: debian(f"fillets-ng-data-{language}", "1.0.1-1.1", sha256,
                                   "f/fillets-ng-data") for language, sha256 in {
    "cs": "3ecef99b9456f1c80c9625c6f2418642b52d58e7167a46bad7a412db17991b14",
    "nl": "afb4443fda9ab507dee578b75be857d121718a1cd6017a474f30e0eb13dc9d10"}.items()}
# set: name, version, sha256 and folder of asterisk-prompt-...
PROMPTS: Final = {
    "es_co": debian("asterisk-prompt-es-co", "0.20070403-2.1",
                    "6702696e045514699e87dc8fb70f370717e5df91f821f7bec8dd0df1be008e83",
                    "a/asterisk-prompt-es-co"),
    "fr_armelle": debian("asterisk-prompt-fr-armelle", "20070613-2.2",
                         "162570b1a9b3512a98f06b89f60c7c17cf1b9b52297315adca9a4e5be728bea3",
                         "a/asterisk-prompt-fr-armelle"),
    "it_menardi": debian("asterisk-prompt-it-menardi-wav", "1.4.22+mm20110907-3.1",
                         "3094530d98f8758ac275572d59624c41f60969fef883f34f4886d144f3dfeb21",
                         "a/asterisk-prompt-it"),
    "de": ubuntu("asterisk-prompt-de", "2.0-1.1",
                 "04832ff2e47406896e298bba4357a4ec08fefb9c9722147cbff947e9ad8ca923", "a/asterisk-prompt-de"),
    "fr_pro": ubuntu("asterisk-prompt-fr-proformatique", "20070706-1.4-2",
                     "de197c83b55575c8fd66d4c90acc0b13e190f86f7ee4e8f0f0a11b6744ea06fa",
                     "a/asterisk-prompt-fr-proformatique"),
    "se": ubuntu("asterisk-prompt-se", "1.045-1",
                 "88491b298449170c2f13817581a960a6cf1d4c3492a872b0c25035bf91e7f559", "a/asterisk-prompt-se"),
}
# language: the sha256 of gcompris-sound-LANGUAGE
GCOMPRIS: Final = tuple(ubuntu(f"gcompris-sound-{language}", "15.02-1.1ubuntu1", sha256, "g/gcompris")
                        for language, sha256 in {
    "af": "1f53d5594578e8ff080f5b0533ab211cb6aa76562d4701e53aa9b7f54b7118a7",
    "ar": "a2540ae127815c7a1d9bf4ed305ec5e1f8cddcf82f08142c63378c9cbe887d52",
    "ast": "9c2c7021fafc6d11060d72317cf762d755e61c5d621f02557a7c2655594da99b",
    "bg": "d785ec02a59569bbfa3170cbd8e9cc3b7d201edeaeeaa445ae9bf3dc8de82bd0",
    "br": "721bea379684ac079b70bf9995687cd9902db69e9a7d8d298cbce8a37a03708a",
    "cs": "b860285a4d165bc7b7c4d6d2ab908b87776741150fa26db0d5a20695d4ccf6ba",
    "da": "c394cb7c5466607fa6f60c277b4e2e79812b549d1a09eab32cb3090bb05aa49c",
    "de": "2acdc0bb06e37d48009342c6d4801b448e2d98a3f2cbd289d5dd392788cc436a",
    "el": "264a751dac54f5828bd9dacaa16562a0c7b44866cfb74fc176639dc71c391969",
    "en": "7a237fbc4e6ff066e6a85b0b71cbbe91f1764edf8e912b4c4df99276d15dd1a3",
    "eo": "09c9558f343431774b0adb13e03736aa56e49e1726a894792e4deab5b803b2e5",
    "es": "a382fb3d2ff80b77d65670cea023069b20a95c6aebc430f85642e772e03926b1",
    "eu": "60386479666dddb189d1808e9772e85249fd18d72cf60b49885a98e9e7f7fee6",
    "fi": "c4dacb264d6819597f41f41d7fa24a366c1d6f69999182e5aa381c941b8980d7",
    "fr": "dd8c4f0d8fff137a2a7a74f57fcacdb6d9753325636f7787ccd83ce4ca5f6af1",
    "gd": "ac0c6910ade5c4842c031e0bd67f7baa0c3a4a6cba7290f1eacfaa16839c884d",
    "he": "0d3433774dd3dfac2b3878491009bb09c7be3380f1e6d524781bbebbc4dab3a3",
    "hi": "8b41ae456808bde9c513c40c8ec90511628a30fad441184e94353919aebef019",
    "hu": "e1423db47c942d7ded1fe15e6eda8407828aa9439d53316f1d0962c39a6a7695",
    "id": "d405f8261a273a69fa3340a624fd05c1b1707209c3f176dc1a91fc10315fd097",
    "it": "0d5ec710675f80cd71c7b2eab8a54ab9e0005063d3eda44905d604cabc8f2998",
    "kn": "873028fb0a49b01cda04c39e9d49931951983774e245bcd605ff0e69d66a3cfd",
    "lt": "c99d1e0e3e0d5f4b44a00dd2d6d9e86d495e2f6b7c344bdcfd206d10f750463e",
    "mr": "acbbabbf0e8187781324a6c3e686cf0b5892929c31c4d177b5e714d0e993b44f",
    "nb": "29ab99aa5caaf05d2b3c16f1f7c9bf82dd59ac04c4200bb027057b05a4fbe492",
    "nl": "56eae96420c30d9a29c5ccc3713167c275629f7c327e2d598707d1fa8e8454a3",
    "nn": "c9a43f260e93aec5ce629806936c8c927ff0739c5ab44e3eb550c6bf1f98278e",
    "pa": "59edb0c8f606f37f00bf288990d04b55a45a5b07c332c417e05c15eb49d33265",
    "pt": "4b7fe7900bd6fd0739d7e202bd9684fe45cde78006eff33580524d20b227915e",
    "ptbr": "60aeeba8aad216e45bb7b880cd3e2706cb07ec8f4a64a0ee50c680d2ab209825",
    "ru": "f209635ac48b7984bf32130bd95588037efcaa5e2fb3861f92e805b7ae2538d6",
    "sk": "d9aaec81d189e30c9338a49c1ff0fd8bd0988727de241e795b1a3b1ced4853d9",
    "sl": "4925188fb503c61d00233efa910e773ca9b923331c648dafdb32d93b096fde0e",
    "so": "88fde68b1b99e6d0931b49a34cd4e117258e5a0f3b249da8027ceb61c8e06029",
    "sr": "b5bad92fdad555631bc01a1a706b28a52aaea71e4d49f54c15a236a6ebebf422",
    "sv": "1e9648818991b852ab65cbfc65efdbfc9f58faf830aaf88028de0ea2f923c81e",
    "th": "93f934a891bad3db2fafc323aecb34de5361e0127f5ba583fac346b81af859ce",
    "tr": "01b5bab2079e0c0889831c15cc614b4b7cb15ad75b7d7188d394bde449a656d5",
    "ur": "437cb91be82308446c153d0c0914284fc10990d6d0860d8d510988c6efc66ace",
    "zhcn": "5dd83e6f850347f6c01705d5e7f70c9f7c2f0af5e4af4d18b25cdae1f50579f7",
}.items())
# language: version and sha256 of childsplay-alphabet-sounds-LANGUAGE
CHILDSPLAY: Final = tuple(ubuntu(f"childsplay-alphabet-sounds-{language}", version, sha256,
                                 f"c/childsplay-alphabet-sounds-{language}")
                          for language, (version, sha256) in {
    "bg": ("0.9.1-2", "55b63106e5e7d3c9dc97b2b084e594f39a91beec51b724b6a798314e2a67888a"),
    "ca": ("0.9.1-2", "6e13a5d8ca9a5b7a73c679da7427c6f4640d8e5c6585c29b8622652976726934"),
    "de": ("0.9.1-2", "8ca77cb6e4ca112ff892d4deebd08f6b1028229782b49453cb28caf9eb6f8205"),
    "el": ("0.9-2", "9383e1cc61306c68934289733b9ed77d2abf7385addcfcaf747983785b7f3738"),
    "en-gb": ("0.9.1-2", "f4e7c3ccd5281f6dce97310e0d60fd24c758f9189235cce346c99914225e80e7"),
    "es": ("0.9.1-2", "f25b4621d19f7d25c6bfc0c8c473715e3bb9392021e1c373950a943ee70a48ba"),
    "fr": ("0.9.1-2", "1391a83ab34bb9dfc043a128631f3cc833d7f2e113f42f4f74959c82924ff4b2"),
    "it": ("0.9.1-2", "e0c7469b587bac765ec576a2a84651759b33ab6b9409681fad0ad77356bd98e6"),
    "nb": ("0.9.1-1", "6577198c0b4c49fb56beb929baa4b62fa08de8c3afb4e7457398a7d366af41db"),
    "nl": ("0.9.1-1", "4a67996ba3acd8254d73c9505275d4f98f8431db51f636ad8b75e0f0fea318a8"),
    "pt": ("0.9.1-1", "5c01ecdf86c3ec5061d3eba3bb3a31857693fecb778d69fb8f1a5e7560230678"),
    "ro": ("0.9.1-1", "d33d8e9f5cca8e324f4ca01fc67da6e59290054b39950c3919c4170c982218fe"),
    "ru": ("0.9.1-1", "530205217b3d3ef5a854936ad50ff95a19fda7c0cef9ebbb3ef5507d216334bd"),
    "sl": ("0.9.1-1", "062e341c74ca5b6e8ea0e6f972a8894be0f00df53378b9820ebf6088f5b8d5f6"),
    "sv": ("0.9.2-1", "1fc9b5a611409de469d2c76fd5994a57081dca824b0bf583fe005de6d32822d1"),
}.items())
